"""Runs a plan's steps, tells how far they are, and says in words why one failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Input, Plan, Step
from videojobs_worker.pipeline.damage import Damage
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.process.progress import FfmpegProgress
from videojobs_worker.process.runner import Stopper, run
from videojobs_worker.settings import Settings
from videojobs_worker.storage.reservation import Room, require_room

#: Percent of the whole that the runs of ffmpeg are; the rest is verifying and committing.
RUN_SHARE: Final = 96.0


@dataclass(frozen=True)
class Making:
    """What is needed to make a job's files. ``room`` is asked before anything large is written."""

    job: Job
    settings: Settings
    scratch: Path
    stopper: Stopper
    reporter: Reporter
    nvenc: bool = False
    fetched: dict[str, Input] = field(default_factory=dict)  # by URI; another try has them already
    room: Room = require_room


def prepare(scratch: Path, plan: Plan) -> None:
    """Put what a plan's steps read into the scratch folder."""
    for name, text in plan.scratch_files.items():
        (scratch / name).write_text(text)
    for name, path in plan.scratch_links.items():
        (scratch / name).unlink(missing_ok=True)  # another way was tried before
        (scratch / name).symlink_to(path)
    for path, text in plan.texts.items():
        path.write_text(text, encoding="utf-8")


def carry_out(making: Making, plan: Plan) -> Damage:
    """Run all steps in order; tells what was damaged in their sources.

    Raises:
        JobError: one failed; StoppedError, it was stopped.
    """
    course, damage = Course(plan.steps), Damage()
    for number, step in enumerate(plan.steps):
        making.reporter.stage(step.stage, step.stage.lower(), RUN_SHARE * course.share(number))
        tell = _teller(making.reporter, course, number)
        made = Made()
        code, tail = run(step.arguments, making.stopper, made.then(tell), making.scratch, damage.hear)
        if code:
            raise run_error(code, tail, step.failure)
        if made.frames < step.least_frames:
            raise broken_off(made.frames, step.least_frames, tail)
        if step.exact_frames not in (None, made.frames):
            text = f"ffmpeg wrote {made.frames} frames, not {step.exact_frames}"
            raise JobError("OutputInvalid", text, log_tail=tail)
        damage.frames += made.frames
    return damage


class Course:
    """How far the steps of a plan are, and when they end, by the time that the part before has taken."""

    def __init__(self, steps: Sequence[Step], clock: Callable[[], float] = time.monotonic) -> None:
        self._steps, self._clock, self._begun = steps, clock, clock()
        weights = [_length(step) / step.pace for step in steps]
        self._before = [*accumulate(weights, initial=0.0)]

    def share(self, number: int, position: float = 0.0) -> float:
        """What is done of all, 0 to 1, at a position in a step: media seconds, or frames."""
        before, after = self._before[number : number + 2]
        done = before + (after - before) * min(1.0, position / _length(self._steps[number]))
        return done / self._before[-1]

    def left_s(self, share: float) -> float | None:
        """Seconds until the end, None where nobody can tell."""
        return (self._clock() - self._begun) * (1.0 - share) / share if share > 0 else None

    def position(self, number: int, block: FfmpegProgress) -> float | None:
        """Where in a step ffmpeg is."""
        return block.out_time_s if self._steps[number].duration_s else block.frame


def _length(step: Step) -> float:
    return step.duration_s or float(step.frames or 1)


def _teller(reporter: Reporter, course: Course, number: int) -> Callable[[FfmpegProgress], None]:
    def tell(block: FfmpegProgress) -> None:
        if (position := course.position(number, block)) is not None:
            share = course.share(number, position)
            reporter.progress(RUN_SHARE * share, block.speed, course.left_s(share))

    return tell


class Made:
    """How many frames a run has made, by ffmpeg's last word; a gap is filled with duplicates, which do not count."""

    frames = 0

    def then(self, tell: Callable[[FfmpegProgress], None]) -> Callable[[FfmpegProgress], None]:
        """Count, and tell."""

        def count(block: FfmpegProgress) -> None:
            if block.frame is not None:
                self.frames = block.frame - block.duplicates
            tell(block)

        return count


def broken_off(frames: int, wanted: int, tail: str) -> JobError:
    """A run that ended well and made too little."""
    text = f"only {frames} of {wanted} frames could be made: a source is shorter than it claims; write it anew"
    return JobError("SourceTruncated", text, log_tail=tail)


def run_error(code: int, tail: str, reason: str = "EncoderFailed") -> JobError:
    """Why ffmpeg failed, by what it said last."""
    last = tail.strip().splitlines()[-1] if tail.strip() else f"exit code {code}"
    if "No space left on device" in tail:
        text = "the volume is full: free space on it"
        return JobError("DiskFull", text, retryable=True, log_tail=tail)
    if code in (-9, 137):
        text = "ffmpeg was killed, most likely for lack of memory: give the pool more, or make a smaller size"
        return JobError("OutOfMemory", text, retryable=True, log_tail=tail)
    return JobError(reason, f"ffmpeg failed: {last}", log_tail=tail)
