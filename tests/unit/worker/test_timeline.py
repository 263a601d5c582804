"""Whatever is cut and blended, every frame of the render comes from one piece, and copies lie between keyframes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source
from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe
from videojobs_worker.media.render.scenes import Cut
from videojobs_worker.media.render.timeline import Copied, Encoded, Timeline, timeline_of

FPS = Fraction(25)


def index(frames: int = 250, gop: int = 50) -> FrameIndex:
    return FrameIndex(frames, FPS, tuple(Keyframe(n, n / 25, n / 25 - 0.08) for n in range(0, frames, gop)))


def timeline(*scenes: tuple[float, float], overlap_s: float = 0.0, gop: int = 50) -> Timeline:
    cuts = [Cut(source(), start, end - start) for start, end in scenes]
    return timeline_of(cuts, [index(gop=gop) for _ in cuts], overlap_s)


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
    assert gap.shots[0].cut() == Cut(source(), 1.0, 1.0)


@pytest.mark.parametrize(("start_s", "first"), [(0.52, 13), (0.55, 13), (0.5596, 14), (0.56, 14), (9.99, 249)])
def test_the_frame_that_is_shown_at_a_cut_is_the_first(start_s: float, first: int) -> None:
    assert timeline((start_s, 10)).shots[0].first == first


SCENES = st.lists(
    st.tuples(st.integers(0, 120), st.integers(60, 130)).map(lambda pair: (pair[0] / 25, (pair[0] + pair[1]) / 25)),
    min_size=1,
    max_size=6,
)


@given(scenes=SCENES, overlap=st.integers(0, 25), gop=st.integers(1, 120))
def test_pieces_make_up_the_whole(scenes: list[tuple[float, float]], overlap: int, gop: int) -> None:
    made = timeline(*scenes, overlap_s=overlap / 25, gop=gop)
    frames = sum(shot.frames for shot in made.shots) - made.overlap * (len(made.shots) - 1)
    assert made.frames == frames
    for piece in made.pieces:
        assert piece.frames > 0
        if isinstance(piece, Copied):
            assert piece.begin.frame % gop == 0
            assert piece.end is None or piece.end.frame % gop == 0
        else:
            assert all(shot.frames > made.overlap for shot in piece.shots) or len(piece.shots) == 1


@given(scenes=SCENES, gop=st.integers(1, 120))
def test_hard_cuts_lose_and_repeat_no_frame(scenes: list[tuple[float, float]], gop: int) -> None:
    made = timeline(*scenes, gop=gop)
    wanted = [n for shot in made.shots for n in range(shot.first, shot.last)]
    assert [n for piece in made.pieces for n in frames_of(piece)] == wanted


def frames_of(piece: Copied | Encoded) -> list[int]:
    if isinstance(piece, Copied):
        return list(range(piece.begin.frame, piece.begin.frame + piece.frames))
    return [n for shot in piece.shots for n in range(shot.first, shot.last)]
