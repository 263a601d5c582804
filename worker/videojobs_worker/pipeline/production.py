"""From a piece of work to verified files that nobody can see yet: fetch, plan, run, verify, stage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videojobs_protocol.work import Caption, Damage, Preview, Render, Transcode, sources_of
from videojobs_worker.errors import JobError, StoppedError, UnexpectedLengthError
from videojobs_worker.media.plan import Expectation, Plan
from videojobs_worker.media.preview.pictures import output_names
from videojobs_worker.pipeline.captioning import write_caption
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.execution import RUN_SHARE, carry_out, prepare
from videojobs_worker.pipeline.fetching import fetch_sources
from videojobs_worker.pipeline.footprint import needs_of, scratch_needs
from videojobs_worker.pipeline.growth import Growth
from videojobs_worker.pipeline.inspection import inspect
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.planning import plan_of
from videojobs_worker.pipeline.previews import take_pictures
from videojobs_worker.pipeline.shortfall import check_whole, is_of_times, measure_sources
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.target import StagedOutput, Target


def targets_of(job: Job, places: Places) -> list[Target]:
    """Where the job's outputs will be, in order; folders of files are made.

    Raises:
        JobError: PathNotAllowed, InvalidOutput, OutputNotWritable, DiskFull, StorageUnavailable.
    """
    work = job.work
    match work:
        case Transcode():
            return _distinct([places.target(output.uri, output.container) for output in work.outputs])
        case Render():
            return [places.target(work.output.uri, work.output.container)]
        case Caption():
            return [places.target(work.output_uri)]
        case Preview():
            return places.targets(work.output_uri, output_names(work))


def _distinct(targets: list[Target]) -> list[Target]:
    for number, target in enumerate(targets):
        if target in targets[:number]:
            text = f"outputs[{number}]: {target.uri} is the name of an output before it: give each its own"
            raise JobError("InvalidOutput", text)
    return targets


def produce(context: JobContext, targets: Sequence[Target]) -> list[StagedOutput]:
    """Make, verify and stage every output.

    Raises:
        JobError: what went wrong, in the reader's words.
    """
    growth = Growth(context.job.work)
    try:
        staged = _staged_as_measured(context, targets)
    except JobError as error:
        context.open_sources.check(error)
        growth.check(error, context.stopper)
        raise
    context.open_sources.check()
    context.open_sources.report(context.reporter)
    return staged


def _staged_as_measured(context: JobContext, targets: Sequence[Target]) -> list[StagedOutput]:
    """Again, where a source lasts otherwise than its header says."""
    try:
        return _staged(context, targets)
    except JobError as error:
        if not is_of_times(error):
            raise
        if not measure_sources(context):
            check_whole(context, error)
            raise
    try:
        return _staged(context, targets)
    except UnexpectedLengthError as error:
        check_whole(context, error)
        raise


def _staged(context: JobContext, targets: Sequence[Target]) -> list[StagedOutput]:
    job = context.job
    drafts = [target.draft(job.job_id, job.run, context.scratch) for target in targets]
    match job.work:
        case Caption():
            return write_caption(context, job.work, drafts[0], targets[0])
        case Preview():
            return inspect(context, _pictures(context, job.work, drafts), targets)
        case Render() | Transcode():
            staged = _carried_out(context, plan_of(context, job.work, drafts), targets, job.work.damage)
            context.stopper.check()
            return staged


def _pictures(context: JobContext, work: Preview, drafts: Sequence[Path]) -> list[Expectation]:
    (source,) = fetch_sources(context, [work.uri], drafts)
    return take_pictures(context, work, source, drafts)


def _carried_out(context: JobContext, plan: Plan, targets: Sequence[Target], policy: Damage) -> list[StagedOutput]:
    """Run a plan and inspect what it made; where that fails and there is another way, go that."""
    try:
        return _produced(context, plan, targets, policy)
    except StoppedError:
        raise
    except JobError as error:
        context.open_sources.check(error)
        if plan.instead is None or error.retryable:
            raise
        context.reporter.plan("Full", f"copying did not work out: {error.message}")
        return _carried_out(context, plan.instead, targets, policy)


def _produced(context: JobContext, plan: Plan, targets: Sequence[Target], policy: Damage) -> list[StagedOutput]:
    _reserve(context, plan)
    prepare(context.scratch, plan)
    damage = carry_out(context, plan)
    context.reporter.stage("Verifying", "verifying the outputs", RUN_SHARE)
    try:
        staged = inspect(context, plan.expectations, targets)
    except JobError as error:
        if error.reason == "OutputInvalid" and damage.broken:
            damage.judge(context.reporter, policy)
        raise
    damage.judge(context.reporter, policy)  # last: what is cut off is damaged at its end too, and better called cut off
    return staged


def _reserve(context: JobContext, plan: Plan) -> None:
    """The room that the plan's steps take up in the scratch folder.

    Raises:
        JobError: DiskFull.
    """
    work = context.job.work
    sources = [context.fetched[uri] for uri in sources_of(work)]
    drafts = [expected.path for expected in plan.expectations]
    output_bytes = sum(need.bytes for need in needs_of(work, sources, drafts, context.scratch))
    context.room(scratch_needs(plan, sources, context.scratch, output_bytes))
