"""Runs a plan's steps, tells how far they are, and says in words why one failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError, UnexpectedLengthError
from videojobs_worker.media.plan import Plan, Step, bound_of
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.damage import Damage
from videojobs_worker.pipeline.finished_steps import FinishedSteps, StepResult
from videojobs_worker.pipeline.missing_glyphs import MissingGlyphs
from videojobs_worker.pipeline.plan_progress import PlanProgress
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.pipeline.step_graph import run_steps
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import Limits

#: Percent of the whole that the runs of ffmpeg are; the rest is verifying and committing.
RUN_SHARE: Final = 96.0
#: What ffmpeg says where nothing, or nearly nothing, of an input can be decoded (fftools/ffmpeg_dec.c, ffmpeg_mux.c).
_UNDECODABLE: Final = (
    "Decode error rate", "Cannot determine format of input", "at least one of its streams received no packets",
)  # fmt: skip


def prepare(scratch: Path, plan: Plan) -> None:
    """Put what a plan's steps read into the scratch folder."""
    for name, text in plan.scratch_files.items():
        (scratch / name).write_text(text, encoding="utf-8", newline="\n")
    for name, path in plan.scratch_links.items():
        (scratch / name).unlink(missing_ok=True)  # another way was tried before
        (scratch / name).symlink_to(path)
    for path, text in plan.texts.items():
        path.write_text(text, encoding="utf-8")


def carry_out(context: JobContext, plan: Plan) -> Damage:
    """Run all steps that an earlier attempt has not finished; returns what was damaged in their sources.

    Raises:
        JobError: one failed.
        StoppedError: it was stopped.
    """
    runs = _Runs(context, plan.steps)
    on_last = context.start_ffprobes if plan.expectations else _nothing
    run_steps(plan.steps, runs.run, context.stopper, on_last)
    return runs.damage


def _nothing() -> None:
    return


class _Runs:
    """The runs of a plan's steps. Safe to use from any thread."""

    def __init__(self, context: JobContext, steps: Sequence[Step]) -> None:
        self._context, self._steps = context, steps
        self._finished = FinishedSteps(context.scratch, steps)
        self._progress = PlanProgress(steps)
        self.damage = Damage()

    def run(self, number: int, stopper: Stopper) -> None:
        """Run a step, or take over what an earlier attempt has made of it."""
        result = self._finished.find(number)
        if result is None:
            result = self._run(self._steps[number], number, stopper)
            self._finished.add(number, result)
        self.damage.add(result.damaged, result.damage, result.frames)
        self._progress.end(number)

    def _run(self, step: Step, number: int, stopper: Stopper) -> StepResult:
        self._context.reporter.stage(step.stage, step.stage.lower(), RUN_SHARE * self._progress.share)
        frames, damage, glyphs = FrameCounter(), Damage(), MissingGlyphs()

        def hear(line: str) -> None:
            damage.hear(line)
            glyphs.hear(line)

        on_progress = frames.then(_teller(self._context.reporter, self._progress, number))
        limits = Limits(self._context.stall_s, bound_of(step))
        code, tail = run(step.arguments, stopper, on_progress, self._context.scratch, hear, limits)
        if code:
            raise run_error(code, tail, step.failure)
        check_frames(step, frames.frames, tail)
        if glyphs.note:
            self._context.reporter.note(glyphs.note)
        return StepResult(frames.frames, damage.count, damage.last)


def check_frames(step: Step, frames: int, tail: str) -> None:
    """Whether a run that ended well has made as many frames as it should.

    Raises:
        JobError: SourceTruncated, OutputInvalid.
    """
    if frames < step.least_frames:
        raise broken_off(frames, step.least_frames, tail)
    if step.exact_frames not in (None, frames):
        raise JobError("OutputInvalid", f"ffmpeg wrote {frames} frames, not {step.exact_frames}", log_tail=tail)


def _teller(reporter: Reporter, progress: PlanProgress, number: int) -> Callable[[FfmpegProgress], None]:
    def tell(block: FfmpegProgress) -> None:
        if (position := progress.position(number, block)) is not None:
            share = progress.reach(number, position)
            reporter.progress(RUN_SHARE * share, block.speed, progress.left_s(share))

    return tell


class FrameCounter:
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
    text = f"only {frames} of {wanted} frames could be made of the sources: write them anew"
    return UnexpectedLengthError("SourceTruncated", text, log_tail=tail)


def run_error(code: int, tail: str, reason: str = "EncoderFailed") -> JobError:
    """Why ffmpeg failed, by what it said last."""
    last = tail.strip().splitlines()[-1] if tail.strip() else f"exit code {code}"
    if "No space left on device" in tail:
        text = "the volume is full: free space on it"
        return JobError("DiskFull", text, retryable=True, log_tail=tail)
    if any(words in tail for words in _UNDECODABLE):
        return JobError("SourceCorrupt", f"a source cannot be decoded: {last}; write it anew", log_tail=tail)
    return JobError(reason, f"ffmpeg failed: {last}", log_tail=tail)
