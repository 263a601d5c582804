"""A timeline in parts shows what it would show in one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source
from videojobs_worker.media.render.cuts import Blend, Cut, total_s
from videojobs_worker.media.render.parts import parts_of

FPS = 25
RATE = Fraction(FPS)
MOST = 16


def cuts_of(lengths: list[int], blended: int = 0) -> list[Cut]:
    """Scenes of so many frames, of which all but the first blend with the one before."""
    blend = Blend("fade", blended / FPS) if blended else None
    return [
        Cut(source(), number * 100.0, frames / FPS, blend=blend if number else None)
        for number, frames in enumerate(lengths)
    ]


@pytest.mark.parametrize(("count", "parts"), [(1, [1]), (16, [16]), (17, [16, 1]), (33, [16, 16, 1])])
def test_hard_cuts_end_a_part_anywhere(count: int, parts: list[int]) -> None:
    cuts = cuts_of([10] * count)
    found = parts_of(cuts, RATE, MOST)
    assert [len(part) for part in found] == parts
    assert [cut for part in found for cut in part] == cuts


def test_a_part_of_blends_ends_in_the_middle_of_a_scene() -> None:
    before, after = parts_of(cuts_of([50] * 17, 10), RATE, MOST)
    assert (len(before), len(after)) == (16, 2)
    blend = Blend("fade", 0.4)
    assert (before[-1], after[0]) == (Cut(source(), 1500.0, 1.0, blend=blend), Cut(source(), 1501.0, 1.0))


def test_a_part_ends_at_a_hard_cut_among_blends_where_it_can() -> None:
    cuts = cuts_of([50] * 20, 10)
    cuts[16] = replace(cuts[16], blend=None)
    before, after = parts_of(cuts, RATE, MOST)
    assert [*before, *after] == cuts
    assert len(before) == 16


def test_both_halves_of_a_faster_scene_show_what_it_shows() -> None:
    cuts = [replace(cut, speed=2.0) for cut in cuts_of([50] * 17, 10)]
    before, after = parts_of(cuts, RATE, MOST)
    assert (before[-1].end_s, after[0].start_s, after[0].end_s) == (1502.0, 1502.0, 1504.0)


def test_a_scene_hardly_longer_than_its_blends_stays_whole() -> None:
    before, after = parts_of(cuts_of([50] * 15 + [21] * 3 + [22] + [50], 10), RATE, MOST)
    assert [round(cut.duration_s * FPS) for cut in before[14:]] == [50, 21, 21, 21, 11]
    assert [round(cut.duration_s * FPS) for cut in after] == [11, 50]


@given(st.lists(st.integers(12, 90), min_size=1, max_size=70), st.integers(1, 11))
def test_parts_are_the_whole(lengths: list[int], blended: int) -> None:
    cuts = cuts_of(lengths, blended)
    parts = parts_of(cuts, RATE, MOST)
    assert sum(map(total_s, parts)) == pytest.approx(total_s(cuts))
    for before, after in pairwise(parts):
        last, first = before[-1], after[0]
        assert last.start_s + last.duration_s == pytest.approx(first.start_s)
        assert min(last.duration_s, first.duration_s) * FPS > blended + 0.5
    spare = [part for part in parts if len(part) > MOST]
    assert all(cut.duration_s * FPS < 2 * blended + 2.5 for part in spare for cut in part[MOST - 1 : -1])
