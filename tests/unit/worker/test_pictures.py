"""Previews seek once for each picture, to the frame that is shown at its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import after, source, video
from videojobs_protocol.work import Preview
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import AT_ONCE, Plan
from videojobs_worker.media.preview.look import Look
from videojobs_worker.media.preview.pictures import (
    LEAST_A_RUN,
    MOST_OPEN,
    Shot,
    better_shots,
    first_shots,
    picture_names,
    picture_times,
    pictures_a_run,
    plan_pictures,
    seek_to,
)


def preview(**changes: Any) -> Preview:
    return Preview("file:///media/a.mp4", "file:///media/frames", **changes)


def plan(work: Preview, threads: int = 1, **read: Any) -> Plan:
    film = source(**read)
    pictures = zip(first_shots(work, film), (Path("/staged") / name for name in picture_names(work)), strict=True)
    return Plan(*plan_pictures(work, film, list(pictures), threads))


def look(level: int, *, mark: int = 0) -> Look:
    """A picture of one tone, with one place of another."""
    return Look(640, 360, bytes([level + mark] + [level] * 63), str(level))


def test_names_count_from_one() -> None:
    assert picture_names(preview(frames=2, format="png")) == ["frame-001.png", "frame-002.png"]
    assert picture_names(preview(times_s=(1.0,))) == ["frame-001.jpg"]
    assert picture_names(preview(frames=1000))[-1] == "frame-1000.jpg"


def test_pictures_are_the_middles_of_equal_parts() -> None:
    assert picture_times(preview(frames=4), source()) == [1.25, 3.75, 6.25, 8.75]


def test_times_are_taken_as_given() -> None:
    assert picture_times(preview(times_s=(9.9, 0.0)), source()) == [9.9, 0.0]


@pytest.mark.parametrize("time_s", [10.0, 11.0])
def test_a_time_past_the_end_is_named(time_s: float) -> None:
    with pytest.raises(JobError, match=f"no picture at {time_s:g} s") as error:
        plan(preview(times_s=(1.0, time_s)))
    assert error.value.reason == "TimeOutOfRange"


@given(st.integers(0, 249), st.floats(0.01, 0.99))
def test_a_seek_goes_just_before_the_frame_that_is_shown(frame: int, within: float) -> None:
    """ffmpeg gives the first frame at or after the time: that must be the frame, and not the one before."""
    seek = seek_to((frame + within) / 25, source())
    assert (frame - 1) / 25 < seek <= frame / 25


@pytest.mark.parametrize(
    "picture",
    [video(frames=100), video(duration_s=4.0)],
    ids=["frames", "duration"],
)
def test_after_the_last_picture_the_last_one_is_taken(picture: Any) -> None:
    assert seek_to(9.9, source(picture=picture)) == pytest.approx((99 - 0.25) / 25)


@pytest.mark.parametrize(
    ("count", "threads", "runs"),
    [
        (1, 4, [1]),
        (LEAST_A_RUN, 4, [LEAST_A_RUN]),
        (10, 1, [10]),  # a second ffmpeg on one processor takes longer
        (10, 2, [5, 5]),
        (9, 4, [5, 4]),
        (MOST_OPEN * 2 + 1, 1, [MOST_OPEN, MOST_OPEN, 1]),
        (MOST_OPEN + 1, 2, [MOST_OPEN // 2, MOST_OPEN // 2, 1]),
    ],
)
def test_pictures_are_shared_out_to_processors_and_bounded_in_memory(count: int, threads: int, runs: list[int]) -> None:
    made = plan(preview(frames=count), threads)
    assert [step.frames for step in made.steps] == runs
    assert all(step.weight == 1 for step in made.steps)
    assert len(made.expectations) == count


@given(st.integers(1, 1000), st.integers(1, 64))
def test_never_more_decoders_are_open_than_memory_is_meant_for(count: int, threads: int) -> None:
    assert 1 <= pictures_a_run(count, threads) * min(AT_ONCE, threads) <= MOST_OPEN


def test_one_run_seeks_in_one_source_for_every_picture() -> None:
    (step,) = plan(preview(frames=3)).steps
    assert after(step.arguments, "-i") == ["file:/media/a.mp4"] * 3
    assert after(step.arguments, "-map") == ["0:0", "1:0", "2:0"]
    assert after(step.arguments, "-frames:v") == ["1"] * 3


@pytest.mark.parametrize(("form", "encoder"), [("jpg", "mjpeg"), ("png", "png"), ("webp", "libwebp")])
def test_formats(form: str, encoder: str) -> None:
    made = plan(preview(frames=1, format=form, width=320))
    assert after(made.steps[0].arguments, "-c:v") == [encoder]
    assert (made.expectations[0].width, made.expectations[0].height) == (320, 180)


@pytest.mark.parametrize(
    ("work", "duration_s", "exact"),
    [
        (preview(frames=2), 10.0, False),
        (preview(frames=10), 600.0, False),
        (preview(frames=3), 10.0, True),  # so near to each other that one group of pictures may hold several
        (preview(times_s=(1.0, 300.0)), 600.0, True),
    ],
)
def test_keyframes_do_where_pictures_lie_far_apart_and_no_times_were_asked_for(
    work: Preview, duration_s: float, exact: bool
) -> None:
    assert {shot.exact for shot in first_shots(work, source(duration_s=duration_s))} == {exact}
    (step,) = plan(work, duration_s=duration_s).steps
    assert ("trim=start=0" in after(step.arguments, "-vf")[0]) == exact


GREY, OTHER, BLACK = look(100), look(120), look(0, mark=40)


@pytest.mark.parametrize(
    ("shots", "looks", "better"),
    [
        ([Shot(1, False), Shot(5, False)], [GREY, OTHER], [Shot(1, False), Shot(5, False)]),
        ([Shot(1, False), Shot(5, False)], [GREY, GREY], [Shot(1, False), Shot(5, True)]),
        ([Shot(1), Shot(5)], [GREY, GREY], [Shot(1), Shot(5)]),  # the film stands still
        ([Shot(1, False), Shot(5, False)], [GREY, BLACK], [Shot(1, False), Shot(6.5, True, 1)]),
        ([Shot(1), Shot(6.5, True, 1)], [GREY, BLACK], [Shot(1), Shot(3.5, True, 2)]),
        ([Shot(1), Shot(3.5, True, 2)], [GREY, BLACK], [Shot(1), Shot(8.0, True, 3)]),
        ([Shot(1), Shot(8.0, True, 3)], [GREY, BLACK], [Shot(1), Shot(8.0, True, 3)]),  # a dark film
    ],
)
def test_pictures_that_show_nothing_or_the_same_are_taken_anew(
    shots: list[Shot], looks: list[Look], better: list[Shot]
) -> None:
    assert better_shots(shots, looks, 10.0) == better


def test_nothing_is_taken_anew_within_a_frame() -> None:
    shots = [Shot(0.025), Shot(0.075)]
    assert better_shots(shots, [BLACK, BLACK], spacing_s=0.05, frame_s=0.04) == shots
    assert better_shots(shots, [BLACK, BLACK], spacing_s=0.5, frame_s=0.04) != shots


@given(st.lists(st.tuples(st.integers(0, 255), st.booleans()), min_size=1, max_size=8))
def test_taking_anew_comes_to_an_end(levels: list[tuple[int, bool]]) -> None:
    shots = [Shot(10.0 * (n + 0.5), exact) for n, (_, exact) in enumerate(levels)]
    looks = [look(level, mark=0) for level, _ in levels]
    for _ in range(5):
        before, shots = shots, better_shots(shots, looks, 10.0)
    assert shots == before
    assert all(10.0 * n < shot.time_s < 10.0 * (n + 1) for n, shot in enumerate(shots))
