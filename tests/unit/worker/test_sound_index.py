"""Sound is taken in whole packets, none further than half a packet from where it belongs, however many cuts."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source
from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.render.frame_index import FrameIndex
from videojobs_worker.media.render.sound_index import Packets, SoundIndex, index_sound, packets_of
from videojobs_worker.media.render.spans import Span
from videojobs_worker.media.render.timeline import Shot

PACKET_S = 1024 / 48000
SOUND = SoundIndex(-PACKET_S, PACKET_S, 1000)  # an encoder's priming comes first
FPS = Fraction(25)
FRAMES = FrameIndex(500, FPS, ())


def shot(first: int, last: int) -> Shot:
    return Shot(Cut(source(), first / 25, (last - first) / 25), FRAMES, first, last)


def packets(*shots: Shot, sound: SoundIndex = SOUND) -> list[Packets]:
    found = packets_of(shots, [sound for _ in shots], FPS)
    assert found is not None
    return found


def test_even_packets_have_an_index() -> None:
    lines = [f"{(n - 1) * PACKET_S:.6f}," for n in range(5)]
    assert index_sound(lines, PACKET_S) == SoundIndex(-0.021333, PACKET_S, 5)


@pytest.mark.parametrize("lines", [[], ["N/A,"], ["0.0,", "0.021333,", "0.100000,"]])
def test_uneven_packets_have_none(lines: list[str]) -> None:
    assert index_sound(lines, PACKET_S) is None


@pytest.mark.parametrize(
    ("missing", "known"), [((1, 5), True), ((9, 12), False), ((30, 900), True), ((950, 951), False)]
)
def test_within_a_span_no_packet_may_be_missing(missing: tuple[int, int], known: bool) -> None:
    spans = (Span(6 * PACKET_S, 20 * PACKET_S - 1), Span(930 * PACKET_S, 960 * PACKET_S - 1))
    lines = [f"{n * PACKET_S:.6f}," for n in range(1000) if n not in range(*missing)]
    found = index_sound(lines, PACKET_S, spans)
    assert found == (SoundIndex(0.0, PACKET_S, 1000) if known else None)


def nearest(time_s: float) -> int:
    return math.floor(time_s / PACKET_S + 0.5)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=1, max_size=40))
def test_no_packet_is_far_from_its_place(cuts: list[tuple[int, int]]) -> None:
    shots = [shot(first, first + length) for first, length in cuts]
    slot, frames = 0, 0
    taken = iter(packets(*shots))
    for each in shots:
        slots = nearest((frames + each.frames) / 25) - nearest(frames / 25)
        if slots:
            packet = next(taken)
            heard_at = slot * PACKET_S
            meant_for = (frames - each.first) / 25 + SOUND.first_s + packet.first * PACKET_S
            assert abs(heard_at - meant_for) <= PACKET_S / 2 + 1e-9
            assert packet.count == packet.slots == slots
        slot, frames = slot + slots, frames + each.frames
    assert abs(slot * PACKET_S - frames / 25) <= PACKET_S / 2 + 1e-9


def test_a_source_whose_sound_ends_a_moment_early_leaves_a_gap() -> None:
    (taken,) = packets(shot(0, 500), sound=SoundIndex(0.0, PACKET_S, 936))
    assert (taken.count, taken.slots) == (936, 938)


def test_a_source_whose_sound_ends_much_earlier_is_not_copied() -> None:
    assert packets_of([shot(0, 500)], [SoundIndex(0.0, PACKET_S, 900)], FPS) is None


def test_a_source_whose_sound_begins_later_is_not_copied() -> None:
    assert packets_of([shot(0, 500)], [SoundIndex(1.0, PACKET_S, 2000)], FPS) is None
