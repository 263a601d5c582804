"""The pipeline: one job from claim to commit, whatever happens on the way.

Nothing is said about a job whose claim is lost: another worker speaks for it then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import redis
import structlog

from videojobs_protocol import keys
from videojobs_protocol.claims import Claim, Claims
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity
from videojobs_protocol.work import Render, Transcode
from videojobs_worker.connections import prompt
from videojobs_worker.errors import ClaimLostError, JobError, StoppedError
from videojobs_worker.gpu import capabilities, gpus
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.fetching import places_of
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.lease import Lease, cancelled_error
from videojobs_worker.pipeline.memory_watch import MemoryWatch
from videojobs_worker.pipeline.opening import OpenSources
from videojobs_worker.pipeline.production import produce, targets_of
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.pipeline.scratch import scratch_folder
from videojobs_worker.process.memory import limit_bytes
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import Settings
from videojobs_worker.storage.files import storage_error
from videojobs_worker.storage.manifest import ABANDONED_S, adopt, commit, discard, tidy
from videojobs_worker.storage.reservation import Reservation
from videojobs_worker.storage.target import StagedOutput, Target

log = structlog.get_logger()


@dataclass(frozen=True)
class Worker:
    """The process that runs jobs. ``process`` is unique to it among all workers."""

    settings: Settings
    client: redis.Redis
    identity: WorkerIdentity
    process: str
    claims: Claims


def run_job(worker: Worker, job: Job, retrying: Callable[[Failure], bool] = lambda _: False) -> TaskStatus | None:
    """Run a job to its end.

    Args:
        worker: who runs it.
        job: what to run.
        retrying: asked on a failure whether the caller will try again.

    Returns:
        the last status, or ``None`` when another worker has the job.

    Raises:
        redis.RedisError: Redis is away, so nobody could be told.
    """
    claim = Claim(job.job_id, job.task_id, job.number, worker.process)
    verdict = worker.claims.acquire(claim, time.time())
    if verdict == "lost":
        log.info("Dropped a task whose job another worker runs", task_id=job.task_id)
        return None
    with (
        prompt(worker.settings.redis_url) as client,
        Reporter(client, job.task_id, _identity(worker, job)) as reporter,
    ):
        if verdict == "cancelled":
            return reporter.failed(_failure(cancelled_error()))
        stopper = Stopper()
        with (
            Lease(Claims(client), claim, stopper, job.timeout_s) as lease,
            MemoryWatch(stopper, worker.settings.max_job_memory_bytes or limit_bytes() // worker.settings.slots),
        ):
            return _ended(worker, job) or _run_and_report(worker, job, lease, stopper, reporter, retrying)


def _ended(worker: Worker, job: Job) -> TaskStatus | None:
    """How this very task has ended: a message that comes late must not bring it back to life."""
    text = worker.client.get(keys.task_status(job.task_id))
    try:
        before = TaskStatus.from_json(text) if isinstance(text, bytes | str) else None
    except ValueError:
        return None
    return before if before is not None and before.final else None


def _identity(worker: Worker, job: Job) -> WorkerIdentity:
    names = ", ".join(gpu.name for gpu in gpus()) if job.gpu != "Never" else ""
    return replace(worker.identity, gpu=names)


def _run_and_report(
    worker: Worker,
    job: Job,
    lease: Lease,
    stopper: Stopper,
    reporter: Reporter,
    retrying: Callable[[Failure], bool],
) -> TaskStatus | None:
    """Run, and report how it ended."""
    reporter.stage("Fetching", "looking for the sources")
    log.info("Started a job", task_id=job.task_id)
    try:
        outputs = _attempt(worker, job, lease, stopper, reporter)
    except ClaimLostError:
        log.warning("Lost the claim and stopped", task_id=job.task_id)
        return None
    except JobError as error:
        failure = _failure(error)
    except redis.RedisError:
        raise
    except OSError as error:
        failure = _failure(storage_error(error, str(error.filename or "the volume"), "StorageFailed"))
    except Exception as error:
        log.exception("Failed unexpectedly", task_id=job.task_id)
        failure = Failure("InternalError", f"{type(error).__name__}: {error}", retryable=True)
    else:
        log.info("Completed a job", task_id=job.task_id)
        return reporter.completed(outputs)
    if lease.lost():
        log.warning("Failed after the claim was lost", task_id=job.task_id, reason=failure.reason)
        return None
    log.warning("A job failed", task_id=job.task_id, reason=failure.reason, message=failure.message)
    return reporter.failed(failure, retrying=retrying(failure))


def _attempt(worker: Worker, job: Job, lease: Lease, stopper: Stopper, reporter: Reporter) -> tuple[Output, ...]:
    targets = targets_of(job, places_of(worker.settings))
    if (committed := adopt(job.job_id, targets)) is not None:
        log.info("Adopted what an earlier attempt had committed", task_id=job.task_id)
        return committed
    discard(job.job_id, targets, idle_s=ABANDONED_S)
    try:
        with (
            scratch_folder(worker.settings.temp_dir, job.job_id) as scratch,
            Reservation(job.job_id, (*worker.settings.roots, worker.settings.temp_dir)) as reservation,
            OpenSources() as open_sources,
        ):
            context = JobContext(
                job, worker.settings, scratch, stopper, reporter, room=reservation.hold, open_sources=open_sources
            )
            staged = _produced_on_gpu_or_cpu(context, targets)
        reporter.stage("Committing", "committing the outputs", 99)
        lease.confirm()
        outputs = commit(job.job_id, job.number, staged)
    except BaseException:
        _remove_drafts(job, lambda: tidy(job.job_id, job.run, targets))
        raise
    _remove_drafts(job, lambda: discard(job.job_id, targets))  # no other run can commit any more
    return outputs


def _remove_drafts(job: Job, removing: Callable[[], None]) -> None:
    """Leave nothing unfinished behind; storage that is away now must not hide how the work went."""
    try:
        removing()
    except (JobError, OSError) as error:
        log.warning("Left unfinished outputs behind", task_id=job.task_id, error=str(error))


def _produced_on_gpu_or_cpu(context: JobContext, targets: list[Target]) -> list[StagedOutput]:
    """Encode on the GPU where that was asked and really opens, else on the CPU."""
    if context.job.gpu == "Never" or not isinstance(context.job.work, Render | Transcode):
        return produce(context, targets)
    if "nvenc" not in capabilities():
        note = "no NVENC could be opened on this worker: encoding on its CPU"
        context.reporter.note(note, encoder="cpu")
        return produce(context, targets)
    try:
        return produce(replace(context, nvenc=True), targets)
    except StoppedError:
        raise
    except JobError as error:
        if error.reason != "EncoderFailed":
            raise
        if context.job.gpu == "Required":
            text = f"the GPU failed ({error.message}): set gpu to Preferred to have the CPU take over"
            raise JobError("GpuFailed", text, retryable=True, log_tail=error.log_tail) from error
        note = f"the GPU failed ({error.message}): encoded on the CPU"
        context.reporter.note(note, encoder="cpu")
        return produce(context, targets)


def _failure(error: JobError) -> Failure:
    return Failure(error.reason, error.message, error.retryable, error.log_tail)
