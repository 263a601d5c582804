"""What to do about a VideoJob that is not to run: deleted, finished, refused, suspended, or without Redis."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from videojobs_operator.core.conditions import find
from videojobs_operator.core.decision import AWAY_S, SOON_S, Decision
from videojobs_operator.core.draft import Draft
from videojobs_operator.core.effects import Cancel, DeleteJob, Emit, RemoveFinalizer
from videojobs_operator.core.job import FINALIZER, Job, TaskView
from videojobs_operator.core.timestamps import from_text
from videojobs_protocol.claims import LEASE_S
from videojobs_protocol.progress import Failure

#: A deleted job whose worker cannot be told is let go after so long: two leases.
UNTOLD_S: Final = 2 * LEASE_S

CANCELLING: Final = "Cancelling"


def deleted(draft: Draft, task: TaskView) -> Decision:
    """Cancel, wait until no worker holds the job, let it go."""
    job, current = draft.job, draft.status.get("taskID")
    if FINALIZER not in job.finalizers:
        return draft.decision()
    if job.finished or not draft.status.get("attempt"):
        return draft.decision(after=(RemoveFinalizer(),))
    if not task.available:
        return _deleted_without_redis(draft)
    told = find(draft.conditions, "Reconciling").get("reason") == CANCELLING
    if told and task.claimed_by is None:
        # Told once more: a Redis that was emptied meanwhile has forgotten it, and the worker may claim the job anew.
        return draft.decision(before=cancels(job, current), after=(RemoveFinalizer(),))
    draft.reconciling(CANCELLING, "deleted: waiting for the worker to stop")
    return draft.decision(before=cancels(draft.job, current, task.claimed_by), requeue_after_s=SOON_S)


def _deleted_without_redis(draft: Draft) -> Decision:
    """Nobody can be told; but a worker that cannot renew its lease stops by itself, and commits nothing after it."""
    left_s = UNTOLD_S - (draft.now - (draft.job.deletion_time or draft.now)).total_seconds()
    if left_s <= 0:
        return draft.decision(after=(RemoveFinalizer(),))
    return draft.decision(requeue_after_s=min(AWAY_S, left_s))


def finished(draft: Draft) -> Decision:
    """Nothing is left to cancel; the resource goes when its time to live is over."""
    release = (RemoveFinalizer(),) if FINALIZER in draft.job.finalizers else ()
    ended = from_text(draft.status.get("completionTime")) or draft.now
    left_s = (ended - draft.now).total_seconds() + draft.job.ttl_s
    if left_s <= 0:
        return draft.decision(after=(*release, DeleteJob()))
    return draft.decision(after=release, requeue_after_s=left_s)


def refused(draft: Draft) -> Decision:
    """What cannot be meant fails at once."""
    text = str(draft.job.problem)
    current = draft.status.get("taskID")
    draft.fail(Failure("InvalidSpec", text, retryable=False))
    emit = Emit("Warning", "Failed", f"InvalidSpec: {text}")
    return draft.decision(before=cancels(draft.job, current), after=(emit,), requeue_after_s=SOON_S)


def suspended(draft: Draft, task: TaskView) -> Decision:
    """Stop what runs; no attempt counts as failed for it."""
    if draft.job.phase == "Suspended":
        return _still_suspended(draft, task)
    current = draft.status.pop("taskID", None)
    if current and not task.available:
        draft.status["taskID"] = current
        return without_redis(draft)
    draft.suspend()
    # After the status is written: one that was decided on by an older version must not stop what runs on.
    stop = cancels(draft.job, current, task.claimed_by)
    emit = Emit("Normal", "Suspended", "stopped until suspend is false")
    return draft.decision(after=(*stop, emit), requeue_after_s=SOON_S if stop else None)


def _still_suspended(draft: Draft, task: TaskView) -> Decision:
    """Told once more while a worker holds the job: the first word may have been lost, with the operator or in Redis."""
    if not task.claimed_by:
        return draft.decision()
    return draft.decision(before=cancels(draft.job, task.claimed_by), requeue_after_s=SOON_S)


def without_redis(draft: Draft) -> Decision:
    """Nothing can be said nor asked: wait."""
    draft.heard()  # it may be back empty: who is silent then has its time again
    draft.reconciling("BrokerUnavailable", "Redis cannot be reached: nothing is lost, it is tried again")
    return draft.decision(requeue_after_s=AWAY_S)


def give_up(job: Job, refusal: str, now: datetime) -> Decision:
    """End it, in words that are taken: the same status would be refused for ever, and the job never end."""
    draft = Draft(job, now)
    text = f"what became of the job cannot be told: {refusal}"
    draft.fail(Failure("InternalError", text, retryable=False))
    emit = Emit("Warning", "Failed", f"InternalError: {text}")
    return draft.decision(before=cancels(job, job.status.get("taskID")), after=(emit,), requeue_after_s=SOON_S)


def cancels(job: Job, *task_ids: str | None) -> tuple[Cancel, ...]:
    """What stops these tasks, each once."""
    queue = job.status.get("queue", {}).get("name", "")
    return tuple(Cancel(each, queue) for each in sorted({each for each in task_ids if each}))
