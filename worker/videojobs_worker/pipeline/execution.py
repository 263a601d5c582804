"""Runs a plan's steps, tells how far they are, and says in words why one failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.plan import AT_ONCE, Plan, Step
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.damage import Damage
from videojobs_worker.pipeline.plan_progress import PlanProgress
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper

#: Percent of the whole that the runs of ffmpeg are; the rest is verifying and committing.
RUN_SHARE: Final = 96.0


def prepare(scratch: Path, plan: Plan) -> None:
    """Put what a plan's steps read into the scratch folder."""
    for name, text in plan.scratch_files.items():
        (scratch / name).write_text(text)
    for name, path in plan.scratch_links.items():
        (scratch / name).unlink(missing_ok=True)  # another way was tried before
        (scratch / name).symlink_to(path)
    for path, text in plan.texts.items():
        path.write_text(text, encoding="utf-8")


def carry_out(context: JobContext, plan: Plan) -> Damage:
    """Run all steps, those that may side by side; tells what was damaged in their sources.

    Raises:
        JobError: one failed; StoppedError, it was stopped.
    """
    course, damage, groups = PlanProgress(plan.steps), Damage(), groups_of(plan.steps)
    for group in groups:
        runs = [partial(_run, context, course, damage, *numbered) for numbered in group]
        last = group is groups[-1] and plan.expectations
        _side_by_side(context.stopper, runs, context.start_ffprobes if last else None)
    return damage


def groups_of(steps: Sequence[Step]) -> list[list[tuple[int, Step]]]:
    """Steps, with their numbers, that need nothing of each other."""
    groups: list[list[tuple[int, Step]]] = []
    for number, step in enumerate(steps):
        if groups and step.beside:
            groups[-1].append((number, step))
        else:
            groups.append([(number, step)])
    return groups


def _side_by_side(
    stopper: Stopper, runs: Sequence[Callable[[Stopper], None]], meanwhile: Callable[[], None] | None
) -> None:
    """Run them, AT_ONCE at a time; when one fails, all end."""
    halt, failed = Stopper(), list[BaseException]()

    def end() -> None:
        halt.stop(StoppedError("InternalError", "a run beside this one failed"))

    def one(run: Callable[[Stopper], None]) -> None:
        try:
            run(halt)
        except BaseException as error:
            failed.append(error)
            end()

    with stopper.ending(end), ThreadPoolExecutor(max_workers=AT_ONCE) as beside:
        try:
            futures = [beside.submit(one, run) for run in runs]
            if meanwhile:
                meanwhile()
            wait(futures)
        except BaseException:
            end()
            raise
    stopper.check()
    if failed:
        raise failed[0]


def _run(context: JobContext, course: PlanProgress, damage: Damage, number: int, step: Step, stopper: Stopper) -> None:
    context.reporter.stage(step.stage, step.stage.lower(), RUN_SHARE * course.share)
    made = FrameCounter()
    tell = _teller(context.reporter, course, number)
    code, tail = run(step.arguments, stopper, made.then(tell), context.scratch, damage.hear)
    if code:
        raise run_error(code, tail, step.failure)
    if made.frames < step.least_frames:
        raise broken_off(made.frames, step.least_frames, tail)
    if step.exact_frames not in (None, made.frames):
        text = f"ffmpeg wrote {made.frames} frames, not {step.exact_frames}"
        raise JobError("OutputInvalid", text, log_tail=tail)
    damage.made(made.frames)
    course.end(number)


def _teller(reporter: Reporter, course: PlanProgress, number: int) -> Callable[[FfmpegProgress], None]:
    def tell(block: FfmpegProgress) -> None:
        if (position := course.position(number, block)) is not None:
            share = course.reach(number, position)
            reporter.progress(RUN_SHARE * share, block.speed, course.left_s(share))

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
