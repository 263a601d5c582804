"""A run that ended well is not believed where it made another number of frames than it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Plan, Step
from videojobs_worker.pipeline.execution import Making, carry_out
from videojobs_worker.process.runner import Stopper


def making(scratch: Path) -> Making:
    return Making(mock.Mock(), mock.Mock(), scratch, Stopper(), mock.Mock())


def told(frames: int, duplicates: int = 0) -> tuple[str, ...]:
    return ("printf", rf"frame={frames}\ndup_frames={duplicates}\nout_time_us=1000\nspeed=1x\nprogress=end\n")


@pytest.mark.parametrize(
    ("frames", "limits", "reason"),
    [
        (100, {"exact_frames": 100, "least_frames": 100}, None),
        (99, {"exact_frames": 100}, "OutputInvalid"),
        (101, {"exact_frames": 100}, "OutputInvalid"),
        (99, {"least_frames": 100}, "SourceTruncated"),
        (101, {"least_frames": 100}, None),
    ],
)
def test_frames_are_counted(tmp_path: Path, frames: int, limits: dict[str, Any], reason: str | None) -> None:
    plan = Plan((Step(told(frames), 1.0, **limits),), ())
    if reason is None:
        carry_out(making(tmp_path), plan)
        return
    with pytest.raises(JobError) as error:
        carry_out(making(tmp_path), plan)
    assert error.value.reason == reason


def test_duplicates_that_fill_a_gap_are_none(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="only 60 of 100"):
        carry_out(making(tmp_path), Plan((Step(told(100, 40), 1.0, least_frames=100),), ()))
