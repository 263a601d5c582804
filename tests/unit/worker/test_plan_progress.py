"""A plan's percent and end follow from what its steps cost, not from how long the film is."""

from __future__ import annotations

import pytest

from videojobs_worker.media.plan import COPYING_PACE, Step
from videojobs_worker.pipeline.plan_progress import PlanProgress
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_joining_by_copy_hardly_counts() -> None:
    progress = PlanProgress([Step((), 4.0), Step((), 600.0, "Joining", pace=COPYING_PACE)])
    progress.end(0)
    assert progress.share == pytest.approx(4 / 16)
    assert progress.reach(1, 300.0) == pytest.approx(10 / 16)
    assert progress.reach(1, 999.0) == 1.0


def test_the_end_is_told_by_the_time_that_was_needed() -> None:
    clock = Clock()
    progress = PlanProgress([Step((), 10.0, "Measuring", pace=2.0), Step((), 10.0)], clock)
    assert progress.left_s(progress.share) is None
    clock.now += 5.0
    assert progress.left_s(progress.reach(0, 10.0)) == pytest.approx(10.0)
    clock.now += 5.0
    assert progress.left_s(progress.reach(1, 5.0)) == pytest.approx(5.0)
    clock.now += 5.0
    assert progress.left_s(progress.reach(1, 10.0)) == 0.0


def test_steps_side_by_side_add_up() -> None:
    progress = PlanProgress([Step((), 10.0), Step((), 10.0)])
    assert (progress.reach(1, 5.0), progress.reach(0, 2.0)) == (0.25, pytest.approx(0.35))
    assert progress.reach(1, 1.0) == pytest.approx(0.35), "nothing goes back"


def test_pictures_are_counted_where_there_is_no_time() -> None:
    progress = PlanProgress([Step((), 0.0, frames=4), Step((), 2.0)])
    block = FfmpegProgress(out_time_s=1.5, frame=2)
    assert (progress.position(0, block), progress.position(1, block)) == (2, 1.5)
    assert progress.reach(0, 2) == pytest.approx(2 / 6)


def test_a_step_of_unknown_length_is_one() -> None:
    progress = PlanProgress([Step((), 0.0), Step((), 0.0)])
    progress.end(0)
    assert progress.share == 0.5
