"""Runs are side by side where they may be, end together, and are believed only when they made what they should."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from videojobs_protocol.work import Preview
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.plan import AT_ONCE, Expectation, Plan, Step
from videojobs_worker.pipeline.execution import JobContext, carry_out
from videojobs_worker.probe.prober import PROBER
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import load


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    yield
    PROBER.leave()


def context(scratch: Path) -> JobContext:
    settings = load({"TEMP_DIR": str(scratch / "temp")})
    work = Preview("file:///media/a.mp4", "file:///media/frames")
    return JobContext(mock.Mock(work=work), settings, scratch, Stopper(), mock.Mock())


def shell(script: str, **limits: Any) -> Step:
    return Step(("sh", "-c", script), 1.0, **limits)


#: Ends when there is a file; for ever otherwise.
UNTIL = "touch {mine}; while [ ! -e {other} ]; do sleep 0.01; done"


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
        carry_out(context(tmp_path), plan)
        return
    with pytest.raises(JobError) as error:
        carry_out(context(tmp_path), plan)
    assert error.value.reason == reason


def test_duplicates_that_fill_a_gap_are_none(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="only 60 of 100"):
        carry_out(context(tmp_path), Plan((Step(told(100, 40), 1.0, least_frames=100),), ()))


def test_steps_that_may_run_side_by_side_do(tmp_path: Path) -> None:
    one, two = (UNTIL.format(mine=mine, other=other) for mine, other in ("ab", "ba"))
    carry_out(context(tmp_path), Plan((shell(one, weight=1), shell(two, weight=1)), ()))


def test_a_step_waits_for_those_whose_files_it_reads(tmp_path: Path) -> None:
    steps = (
        shell("sleep 0.1; touch a", writes=("a",), weight=1), shell("sleep 0.1; touch b", writes=("b",), weight=1),
        shell("test -e a && test -e b", reads=("a", "b"), weight=1),
    )  # fmt: skip
    carry_out(context(tmp_path), Plan(steps, ()))


def test_no_more_than_two_run_at_once(tmp_path: Path) -> None:
    script = "touch $$.run; sleep 0.1; ls *.run | wc -l >> most; rm $$.run"
    carry_out(context(tmp_path), Plan(tuple(shell(script, weight=1) for _ in range(6)), ()))
    assert max(map(int, (tmp_path / "most").read_text().split())) <= AT_ONCE


@pytest.mark.parametrize(("expected", "times"), [((), 0), ((Expectation(Path("made")),), 1)])
def test_an_ffprobe_is_started_meanwhile_only_where_something_will_be_probed(
    tmp_path: Path, expected: tuple[Expectation, ...], times: int
) -> None:
    with mock.patch.object(PROBER, "prepare") as prepare:
        carry_out(context(tmp_path), Plan((shell("true"), shell("true")), expected))
    assert prepare.call_count == times


def test_when_one_fails_the_others_end(tmp_path: Path) -> None:
    steps = (
        shell("sleep 600", weight=1), shell("echo broken >&2; exit 3", weight=1), shell("touch late", weight=1),
    )  # fmt: skip
    with pytest.raises(JobError, match="ffmpeg failed: broken"):
        carry_out(context(tmp_path), Plan(steps, ()))
    assert not (tmp_path / "late").exists()


def test_when_the_work_is_stopped_all_end(tmp_path: Path) -> None:
    made = context(tmp_path)
    stop = partial(made.stopper.stop, StoppedError("Cancelled", "nobody wants it"))
    made.reporter.stage.side_effect = lambda *_: threading.Timer(0.1, stop).start()  # type: ignore[attr-defined]
    with pytest.raises(StoppedError, match="nobody wants it"):
        carry_out(made, Plan((shell("sleep 600", weight=1), shell("sleep 600", weight=1)), ()))
