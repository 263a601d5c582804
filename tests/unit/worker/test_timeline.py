"""Whatever is cut and blended, every frame of the render comes from one piece, and copies lie between keyframes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source
from videojobs_worker.media.render.cuts import Blend, Cut
from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe
from videojobs_worker.media.render.frame_range import FrameRange, merged_ranges
from videojobs_worker.media.render.timeline import Copied, Encoded, Timeline, timeline_of

FPS = Fraction(25)


def index(frames: int = 250, gop: int = 50) -> FrameIndex:
    return FrameIndex(frames, FPS, tuple(Keyframe(n, n / 25, n / 25 - 0.08) for n in range(0, frames, gop)))


def timeline(
    *scenes: tuple[float, float],
    overlap_s: float = 0.0,
    gop: int = 50,
    covered: Sequence[FrameRange] = (),
    differing: Sequence[int] = (),
) -> Timeline:
    """Scenes that all blend or none; those of the numbers ``differing`` cannot be copied."""
    blend = Blend("fade", overlap_s) if overlap_s else None
    cuts = [Cut(source(), start, end - start, blend=blend if n else None) for n, (start, end) in enumerate(scenes)]
    indexes = [None if number in differing else index(gop=gop) for number in range(len(cuts))]
    return timeline_of(cuts, indexes, FPS, covered)


def told(made: Timeline) -> list[tuple[str, int]]:
    return [(type(piece).__name__, piece.frames) for piece in made.pieces]


def test_a_cut_on_keyframes_is_copied() -> None:
    assert told(timeline((2, 6), (4, 10))) == [("Copied", 100), ("Copied", 150)]


def test_a_source_is_copied_to_its_end() -> None:
    (piece,) = timeline((8, 10)).pieces
    assert isinstance(piece, Copied)
    assert (piece.begin.frame, piece.end) == (200, None)


def test_what_lies_around_cuts_is_encoded_in_one_run_for_both_sides() -> None:
    made = timeline((1, 9.2), (0.4, 6))
    assert told(made) == [("Encoded", 25), ("Copied", 150), ("Encoded", 30 + 40), ("Copied", 100)]
    (_, middle) = made.encoded
    assert [(shot.first, shot.last) for shot in middle.shots] == [(200, 230), (10, 50)]


def test_a_blend_is_encoded_once() -> None:
    made = timeline((0, 10), (0, 10), overlap_s=1)
    assert told(made) == [("Copied", 200), ("Encoded", 50 + 50 - 25), ("Copied", 200)]
    assert made.frames == 475


def test_a_scene_without_a_whole_group_is_encoded_with_its_neighbours() -> None:
    made = timeline((0, 4), (4.4, 5.6), (6, 10))
    assert told(made) == [("Copied", 100), ("Encoded", 30), ("Copied", 100)]


def test_a_cut_is_the_shots_in_seconds() -> None:
    (gap, *_) = timeline((1, 9)).encoded
    assert gap.shots[0].cut(FPS) == Cut(source(), 1.0, 1.0)


def test_frames_under_a_layer_are_encoded() -> None:
    made = timeline((0, 10), covered=[FrameRange(0, 60), FrameRange(160, 170)])
    assert told(made) == [("Encoded", 100), ("Copied", 50), ("Encoded", 50), ("Copied", 50)]
    assert list(made.encoded_frames) == [FrameRange(0, 100), FrameRange(150, 200)]


def test_a_layer_over_all_leaves_nothing_to_copy() -> None:
    assert told(timeline((0, 4), (4, 10), covered=[FrameRange(0, 250)])) == [("Encoded", 250)]


def test_a_scene_that_differs_is_encoded_whole() -> None:
    made = timeline((0, 4), (0, 3), (4, 10), differing=[1])
    assert told(made) == [("Copied", 100), ("Encoded", 75), ("Copied", 150)]
    blended = timeline((0, 4), (0, 3), (4, 10), differing=[1], overlap_s=1)
    assert told(blended) == [("Copied", 50), ("Encoded", 50 + 75 - 25 + 50 - 25), ("Copied", 100)]


def test_a_part_of_a_faster_scene_is_of_the_time_that_it_shows() -> None:
    cut = Cut(source(), 2.0, 4.0, speed=2.0)
    (gap,) = timeline_of([cut], [None], FPS).encoded
    assert gap.shots[0].cut(FPS) == cut
    assert gap.shots[0].part(25, 50).cut(FPS) == Cut(source(), 4.0, 1.0, speed=2.0)


@pytest.mark.parametrize(("start_s", "first"), [(0.52, 13), (0.55, 13), (0.5596, 14), (0.56, 14), (9.99, 249)])
def test_the_frame_that_is_shown_at_a_cut_is_the_first(start_s: float, first: int) -> None:
    assert timeline((start_s, 10)).shots[0].first == first


SCENES = st.lists(
    st.tuples(st.integers(0, 120), st.integers(60, 130)).map(lambda pair: (pair[0] / 25, (pair[0] + pair[1]) / 25)),
    min_size=1,
    max_size=6,
)


RANGES = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 80)), max_size=4)


@given(
    scenes=SCENES,
    overlap=st.integers(0, 25),
    gop=st.integers(1, 120),
    layers=RANGES,
    differing=st.sets(st.integers(0, 5)),
)
def test_pieces_make_up_the_whole(
    scenes: list[tuple[float, float]], overlap: int, gop: int, layers: list[tuple[int, int]], differing: set[int]
) -> None:
    covered = merged_ranges(FrameRange(first, first + count) for first, count in layers)
    made = timeline(*scenes, overlap_s=overlap / 25, gop=gop, covered=covered, differing=[*differing])
    frames = sum(shot.frames - shot.overlap for shot in made.shots)
    assert made.frames == frames
    for piece in made.pieces:
        assert piece.frames > 0
        if isinstance(piece, Copied):
            assert piece.begin.frame % gop == 0
            assert piece.end is None or piece.end.frame % gop == 0
        else:
            assert all(shot.frames > overlap for shot in piece.shots) or len(piece.shots) == 1
            assert not piece.shots[0].overlap


@given(scenes=SCENES, gop=st.integers(1, 120))
def test_hard_cuts_lose_and_repeat_no_frame(scenes: list[tuple[float, float]], gop: int) -> None:
    made = timeline(*scenes, gop=gop)
    wanted = [n for shot in made.shots for n in range(shot.first, shot.last)]
    assert [n for piece in made.pieces for n in frames_of(piece)] == wanted


def frames_of(piece: Copied | Encoded) -> list[int]:
    if isinstance(piece, Copied):
        return list(range(piece.begin.frame, piece.begin.frame + piece.frames))
    return [n for shot in piece.shots for n in range(shot.first, shot.last)]


@given(scenes=SCENES, gop=st.integers(1, 120), layers=RANGES)
def test_nothing_is_copied_that_a_layer_lies_over(
    scenes: list[tuple[float, float]], gop: int, layers: list[tuple[int, int]]
) -> None:
    covered = merged_ranges(FrameRange(first, first + count) for first, count in layers)
    made = timeline(*scenes, gop=gop, covered=covered)
    at = 0
    for piece in made.pieces:
        frames = FrameRange(at, at + piece.frames)
        assert isinstance(piece, Encoded) or not any(each.within(frames) for each in covered)
        at = frames.end
