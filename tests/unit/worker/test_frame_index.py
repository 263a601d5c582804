"""Frames are found by number, and only those at which nothing is torn apart are places to cut."""

from __future__ import annotations

from fractions import Fraction

import pytest

from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe, index_frames
from videojobs_worker.media.render.spans import Span

FPS = Fraction(25)


def packets(*rows: tuple[int, int, str]) -> list[str]:
    """Lines of ffprobe: frame shown, frame of decoding, flags."""
    return [f"{shown / 25:.6f},{decoded / 25:.6f},{flags}" for shown, decoded, flags in rows]


def index(*rows: tuple[int, int, str]) -> FrameIndex:
    found = index_frames(packets(*rows), FPS)
    assert isinstance(found, FrameIndex), found
    return found


def test_closed_groups_are_places_to_cut() -> None:
    found = index((0, -1, "K_"), (2, 0, "__"), (1, 1, "__"), (3, 2, "K_"), (4, 3, "__"))
    assert found.frames == 5
    assert found.keyframes == (Keyframe(0, 0.0, -0.04), Keyframe(3, 0.12, 0.08))


def test_an_open_group_is_none() -> None:
    """Frame 3 is shown before the keyframe 4 and comes after it: it needs both groups."""
    found = index((0, -1, "K_"), (1, 0, "__"), (2, 1, "__"), (4, 2, "K_"), (3, 3, "__"), (5, 4, "__"))
    assert [key.frame for key in found.keyframes] == [0]


def test_the_first_picture_may_be_late() -> None:
    found = index_frames(packets((5, 5, "K_"), (6, 6, "__"), (7, 7, "K_")), FPS, 0.2)
    assert isinstance(found, FrameIndex)
    assert [key.frame for key in found.keyframes] == [0, 2]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "it has no picture"),
        (["0.000000,0.000000,K_", "N/A,0.040000,__"], "a packet has no time"),
        (["0.000000,0.000000,K_", "0.040000,0.040000,__", "0.140000,0.140000,__"], "its frame rate is not constant"),
    ],
)
def test_what_cannot_be_counted_is_said(lines: list[str], why: str) -> None:
    assert index_frames(lines, FPS) == why


TWO_SPANS = (Span(0.3, 0.6), Span(20.1, 20.5))


def stretch(first: int, last: int, gop: int = 5) -> list[str]:
    return packets(*((number, number, "__" if number % gop else "K_") for number in range(first, last)))


def test_what_lies_between_spans_need_not_be_known() -> None:
    found = index_frames([*stretch(5, 70), *stretch(500, 562)], FPS, 0.0, TWO_SPANS)
    assert isinstance(found, FrameIndex)
    assert (found.frames, found.keyframes[0].frame, found.first_from(66)) == (562, 5, Keyframe(500, 20.0, 20.0))


def test_spans_may_begin_at_the_same_keyframe() -> None:
    found = index_frames([*stretch(5, 70), *stretch(60, 90)], FPS, 0.0, (Span(0.3, 0.6), Span(2.6, 3.0)))
    assert isinstance(found, FrameIndex)
    assert [key.frame for key in found.keyframes] == list(range(5, 90, 5))


@pytest.mark.parametrize("lines", [stretch(5, 30), [*stretch(5, 12), *stretch(13, 70), *stretch(500, 562)]])
def test_within_a_span_no_frame_may_be_missing(lines: list[str]) -> None:
    whole = [*lines, *stretch(500, 562)]
    assert index_frames(whole, FPS, 0.0, TWO_SPANS) == "its frame rate is not constant"


def test_matroska_need_not_tell_when_frames_are_decoded() -> None:
    assert index_frames(["0.000000,N/A,K_"], FPS) == FrameIndex(1, FPS, (Keyframe(0, 0.0, 0.0),))


def test_pictures_that_an_edit_hides_are_not_counted() -> None:
    assert index_frames(stretch(0, 9), FPS, 0.2) == "pictures before its start are hidden"


def test_milliseconds_are_near_enough() -> None:
    """Matroska rounds 1/30 s to 33 and 67 ms."""
    lines = [f"{round(number * 1000 / 30) / 1000:.6f},{round(number * 1000 / 30) / 1000:.6f},K_" for number in range(9)]
    found = index_frames(lines, Fraction(30))
    assert isinstance(found, FrameIndex)
    assert [key.frame for key in found.keyframes] == list(range(9))


@pytest.mark.parametrize(("frame", "first", "last"), [(0, 0, 0), (1, 3, 0), (3, 3, 3), (4, 6, 3), (7, None, 6)])
def test_keyframes_around_a_frame(frame: int, first: int | None, last: int | None) -> None:
    found = FrameIndex(8, FPS, tuple(Keyframe(number, number / 25, number / 25) for number in (0, 3, 6)))
    after, before = found.first_from(frame), found.last_until(frame)
    assert (after.frame if after else None) == first
    assert (before.frame if before else None) == last
