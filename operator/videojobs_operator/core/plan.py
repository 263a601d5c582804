"""What to do about a VideoJob: the one decision, from what is known of it now.

Level-triggered: it asks only how things stand, never what happened, so that it is right after any crash. An attempt
is written into the status before its message is sent; the status is the intent, the message only wakes a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.conditions import is_true
from videojobs_operator.core.decision import SOON_S, Decision
from videojobs_operator.core.draft import Draft
from videojobs_operator.core.effects import AddFinalizer, Effect, Emit, Publish, Withdraw
from videojobs_operator.core.endings import cancels, deleted, finished, refused, suspended, without_redis
from videojobs_operator.core.job import FINALIZER, Job, PoolView, TaskView
from videojobs_operator.core.retries import backoff_s
from videojobs_operator.core.routing import route, waiting
from videojobs_operator.core.timestamps import from_text
from videojobs_operator.core.work import work_of
from videojobs_protocol.attempt import Attempt
from videojobs_protocol.claims import RENEW_INTERVAL_S
from videojobs_protocol.progress import CANCELLED, Failure, TaskStatus
from videojobs_protocol.queues import broker_priority

#: A message that nobody has taken is looked for after so long, and then every so often.
LOOK_AFTER_S: Final = 10.0
#: Active jobs are looked at so often even when nobody says anything.
ACTIVE_S: Final = 5.0

#: An attempt of which nothing is found is lost after so long: a Redis that was emptied knows its worker again after
#: two renewals, of which the second makes good for a first that met a dead connection. Timestamps are whole seconds.
SILENT_S: Final = 2 * RENEW_INTERVAL_S + 3.0

WORKER_SILENT: Final = "WorkerSilent"


def decide(job: Job, task: TaskView, pools: Sequence[PoolView], now: datetime) -> Decision:
    """Decide about a VideoJob."""
    draft = Draft(job, now)
    if job.deleting:
        return deleted(draft, task)
    if job.finished:
        return finished(draft)
    if job.spec is None:
        return refused(draft)
    if job.spec.suspend:
        return suspended(draft, task)
    if not task.available:
        return without_redis(draft)
    return _Active(draft, job.spec, task, pools).decide()


class _Active:
    """A VideoJob that is wanted and has not ended."""

    def __init__(self, draft: Draft, spec: VideoJobSpec, task: TaskView, pools: Sequence[PoolView]) -> None:
        self.draft, self.spec, self.task, self.pools = draft, spec, task, pools
        self.job, self.now = draft.job, draft.now

    def decide(self) -> Decision:
        """Past its deadline, to be dispatched, backing off, or on its way."""
        if self._overdue():
            return self._failed(Failure("DeadlineExceeded", self._deadline_text(), retryable=False))
        if FINALIZER not in self.job.finalizers:
            decision = self._progressing()
            return replace(decision, before=(AddFinalizer(), *decision.before))
        return self._progressing()

    def _progressing(self) -> Decision:
        current = self.draft.status.get("taskID")
        if not current:
            return self._dispatched_or_waiting()
        said = self.task.status if self.task.status and self.task.status.task_id == current else None
        if said is None or said.status == "queued":
            return self._queued()
        if said.status == "completed":
            return self._succeeded(said)
        if said.status == "failed":
            return self._ended(said.failure or Failure("InternalError", "no reason given", retryable=True))
        return self._running(said)

    # --- not dispatched ---

    def _dispatched_or_waiting(self) -> Decision:
        retry = from_text(self.draft.status.get("retryTime"))
        if retry and retry > self.now:
            left_s = (retry - self.now).total_seconds()
            return self.draft.decision(requeue_after_s=max(0.05, left_s))
        return self._dispatch()

    def _dispatch(self) -> Decision:
        """A new attempt: the intent first, the message after it is written."""
        number = int(self.draft.status.get("attempt") or 0) + 1
        queue = route(self.spec, self.pools)
        resumed = self.job.phase == "Suspended"
        why = waiting(queue, self.pools)
        self.draft.queue(number, queue, why, self.spec)
        emits: list[Effect] = [Emit("Normal", "Resumed", "suspend is false")] if resumed else []
        emits.append(Emit("Normal", "Queued", f"attempt {number} in {queue}"))
        if why.reason == "NoWorkerPool":
            emits.append(Emit("Warning", why.reason, why.message))
        return self.draft.decision(after=(self._message(number, queue), *emits), requeue_after_s=LOOK_AFTER_S)

    def _message(self, number: int, queue: str) -> Publish:
        attempt = Attempt(
            job_uid=self.job.uid,
            namespace=self.job.namespace,
            name=self.job.name,
            number=number,
            work=work_of(self.spec),
            gpu=self.spec.gpu,
            timeout_s=self._timeout_s(),
        )
        return Publish(attempt, queue, self.spec.priority)

    # --- on its way ---

    def _queued(self) -> Decision:
        """Wait for a worker, with the priority that is wanted now."""
        queue = self.draft.status.get("queue", {}).get("name", "")
        if self.job.phase == "Queued":
            why = waiting(queue, self.pools)
            self.draft.reconciling(why.reason, why.message)
        if self.task.claimed_by:
            self.draft.heard()
            return self.draft.decision(requeue_after_s=SOON_S)
        if self.job.phase == "Queued" and self._has_another_priority():
            return self._moved(queue)
        return self._untaken(queue)

    def _untaken(self, queue: str) -> Decision:
        """Look for a message that nobody takes, and send it again when it was lost."""
        if self._asked_s() < LOOK_AFTER_S:
            return self.draft.decision(requeue_after_s=LOOK_AFTER_S)
        if self.task.queued is None:
            return self.draft.decision(look_in_queue=True, requeue_after_s=LOOK_AFTER_S)
        if self.task.queued:
            self.draft.heard()
            return self.draft.decision(requeue_after_s=LOOK_AFTER_S)
        if self.draft.silent_s() < SILENT_S:
            return self.draft.decision(requeue_after_s=SILENT_S)
        return self._sent_again(int(self.draft.status["attempt"]), queue)

    def _has_another_priority(self) -> bool:
        asked = self.draft.status["queue"].get("priority", self.spec.priority)
        return broker_priority(asked) != broker_priority(self.spec.priority)

    def _moved(self, queue: str) -> Decision:
        """Sent once more with the new priority, and the old message taken away; a worker that has both runs one."""
        self.draft.status["queue"]["priority"] = self.spec.priority
        message = self._message(int(self.draft.status["attempt"]), queue)
        left_behind = Withdraw(message.attempt.task_id, queue, self.spec.priority)
        return self.draft.decision(after=(message, left_behind), requeue_after_s=LOOK_AFTER_S)

    def _sent_again(self, number: int, queue: str) -> Decision:
        self.draft.queue(number, queue, waiting(queue, self.pools), self.spec)
        emit = Emit("Normal", "QueuedAgain", f"the message of attempt {number} was lost and sent again")
        return self.draft.decision(after=(self._message(number, queue), emit), requeue_after_s=LOOK_AFTER_S)

    def _asked_s(self) -> float:
        since = from_text(self.draft.status.get("queue", {}).get("time"))
        return (self.now - since).total_seconds() if since else LOOK_AFTER_S

    def _running(self, said: TaskStatus) -> Decision:
        """Follow; a worker without a claim is lost if that stays so."""
        if self.task.claimed_by != said.task_id:
            return self._silent(said)
        self.draft.heard()
        begun = self.job.phase != "Running"
        self.draft.run(said)
        who = said.worker.pod or said.worker.hostname if said.worker else "a worker"
        started = Emit("Normal", "Started", f"attempt {self.draft.status.get('attempt')} on {who}")
        left_s = min(ACTIVE_S, max(0.1, self._left_s()))
        return self.draft.decision(after=(started,) if begun else (), requeue_after_s=left_s)

    def _silent(self, said: TaskStatus) -> Decision:
        """A worker without a claim: cancelled once it counts as lost, for it may be back later."""
        if self.draft.silent_s() >= SILENT_S:
            text = f"the worker {said.worker.hostname if said.worker else ''} is gone".replace("  ", " ")
            ended = self._ended(Failure("WorkerLost", text, retryable=True))
            return replace(ended, before=(*cancels(self.job, said.task_id), *ended.before))
        self.draft.run(said)
        self.draft.reconciling(WORKER_SILENT, "the worker no longer holds the job")
        return self.draft.decision(requeue_after_s=SILENT_S)

    # --- ended ---

    def _succeeded(self, said: TaskStatus) -> Decision:
        self.draft.succeed(said)
        emit = Emit("Normal", "Succeeded", said.message or "all outputs are made")
        return self.draft.decision(after=(emit,), requeue_after_s=SOON_S)

    def _ended(self, failure: Failure) -> Decision:
        """Try again, or not."""
        if failure.reason == CANCELLED:
            # Cancelled for a suspend that is over by now: begin anew, nothing failed.
            self.draft.retry_at(self.now, "Resumed", "the attempt was stopped")
            return self.draft.decision(requeue_after_s=0.05)
        failed = int(self.draft.status.get("failed") or 0) + 1
        self.draft.status["failed"] = failed
        if not failure.retryable or failed > self.spec.backoff_limit:
            return self._failed(failure)
        delay_s = backoff_s(self.job.uid, int(self.draft.status.get("attempt") or 0), failed)
        text = f"{failure.reason}: {failure.message}; tried again in {delay_s:.0f} s"
        self.draft.fail_attempt(failure)
        self.draft.retry_at(self.now + timedelta(seconds=delay_s), "BackingOff", text)
        return self.draft.decision(after=(Emit("Warning", "Retrying", text),), requeue_after_s=max(0.05, delay_s))

    def _failed(self, failure: Failure) -> Decision:
        current = self.draft.status.get("taskID")
        exhausted = failure.retryable
        self.draft.fail(failure, "BackoffLimitExceeded" if exhausted else failure.reason)
        emit = Emit("Warning", "Failed", f"{failure.reason}: {failure.message}")
        before = cancels(self.job, current) if failure.reason == "DeadlineExceeded" else ()
        return self.draft.decision(before=before, after=(emit,), requeue_after_s=SOON_S)

    # --- the deadline ---

    def _deadline(self) -> datetime | None:
        started = from_text(self.draft.status.get("startTime"))
        return started + timedelta(seconds=self.spec.active_deadline_seconds) if started else None

    def _timeout_s(self) -> float:
        """For how long the next attempt may work: a first one has all the time, from when it is taken."""
        deadline = self._deadline()
        return (deadline - self.now).total_seconds() if deadline else float(self.spec.active_deadline_seconds)

    def _left_s(self) -> float:
        deadline = self._deadline()
        return (deadline - self.now).total_seconds() if deadline else ACTIVE_S

    def _overdue(self) -> bool:
        completed = self.task.status and self.task.status.status == "completed"
        return self._left_s() <= 0 and not completed and not is_true(self.draft.conditions, "Complete")

    def _deadline_text(self) -> str:
        return f"not done {self.spec.active_deadline_seconds} s after it started: raise activeDeadlineSeconds"
