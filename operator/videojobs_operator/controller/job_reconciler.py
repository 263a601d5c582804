"""A VideoJob's reconcile: observe, decide, write the status, act.

All judgement is in :mod:`videojobs_operator.core.plan`. The order matters: an attempt stands in the status,
written under the version it was decided on, before its message is sent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.broker import BrokerAway
from videojobs_operator.clients.kubernetes import Object, Refused
from videojobs_operator.clients.redis import RedisAway
from videojobs_operator.controller.dependencies import Dependencies
from videojobs_operator.core.decision import Decision
from videojobs_operator.core.effects import (
    AddFinalizer,
    Cancel,
    DeleteJob,
    Effect,
    Emit,
    Publish,
    RemoveFinalizer,
    Withdraw,
)
from videojobs_operator.core.endings import give_up
from videojobs_operator.core.job import FINALIZER, Job, TaskView, parse_job
from videojobs_operator.core.plan import decide
from videojobs_operator.informer.store import Key
from videojobs_operator.informer.watches import without_managed_fields
from videojobs_operator.telemetry import logs
from videojobs_protocol.queues import queue_key

log = logs.logger(__name__)


class JobReconciler:
    """Reconciles VideoJobs. What it remembers spares time and is not needed to be right."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._unsent: dict[Key, Publish] = {}

    async def reconcile(self, key: Key) -> float | None:
        """Bring a VideoJob on; returns after how many seconds to look again."""
        found = self._deps.store.get(key)
        if found is None:
            self._unsent.pop(key, None)
            return None
        job = parse_job(found)
        decision = await self._decide(job)
        found = await self._perform(key, found, decision.before)
        try:
            found, after_s = await self._write(found, decision)
        except Refused as error:
            decision = self._given_up(key, job, error)
            found = await self._perform(key, found, decision.before)
            found, after_s = await self._write(found, decision)
        await self._resend(key, found)
        await self._perform(key, found, decision.after)
        self._deps.wake_batch(found)  # the watch does not tell of one's own writes
        if job.finished:
            self._deps.writer.forget(job.uid)
        return _sooner(after_s, decision.requeue_after_s)

    async def _decide(self, job: Job) -> Decision:
        task = await self._observe(job)
        pools = self._deps.lister.pools()
        decision = decide(job, task, pools, datetime.now(UTC))
        if decision.look_in_queue:
            task = await self._look_in_queue(job)
            decision = decide(job, task, pools, datetime.now(UTC))
        return decision

    async def _observe(self, job: Job) -> TaskView:
        task_id = job.status.get("taskID")
        if not job.status.get("attempt"):
            return TaskView(available=self._deps.redis.available)
        try:
            (task,) = await self._deps.redis.read_tasks([(job.uid, task_id or "")])
        except RedisAway:
            return TaskView(available=False)
        return TaskView(task.status if task_id else None, task.claimed_by)

    async def _look_in_queue(self, job: Job) -> TaskView:
        queue, task_id = job.status["queue"]["name"], job.status["taskID"]
        try:
            queued = await self._deps.lister.is_queued(queue, task_id, time.time())
        except RedisAway:
            return TaskView(available=False)
        # Asked anew, after the look: a worker that took the message meanwhile has claimed the job by now.
        return replace(await self._observe(job), queued=queued)

    def _given_up(self, key: Key, job: Job, refusal: Refused) -> Decision:
        if job.finished:
            raise refusal
        log.error("Gave up on a VideoJob", namespace=key.namespace, name=key.name, error=str(refusal))
        return give_up(job, str(refusal), datetime.now(UTC))

    async def _write(self, found: Object, decision: Decision) -> tuple[Object, float | None]:
        writer = self._deps.writer
        if not decision.urgent:
            return found, await writer.write_progress("VideoJob", kubernetes.VIDEOJOBS, found, decision.status)
        return await writer.write_state("VideoJob", kubernetes.VIDEOJOBS, found, decision.status), None

    async def _perform(self, key: Key, found: Object, effects: Sequence[Effect]) -> Object:
        for effect in effects:
            match effect:
                case AddFinalizer():
                    found = await self._set_finalizer(found, wanted=True)
                case RemoveFinalizer():
                    found = await self._set_finalizer(found, wanted=False)
                case Cancel(task_id, queue):
                    await self._deps.redis.cancel(task_id)
                    self._deps.withdrawals.add(queue, task_id)
                case Publish():
                    await self._publish(key, effect)
                case Withdraw(task_id, queue, priority):
                    self._deps.withdrawals.add(queue, task_id, keep=queue_key(queue, priority))
                case Emit():
                    self._deps.events.record(found, effect)
                case DeleteJob():
                    metadata = found["metadata"]
                    await self._deps.api.delete(kubernetes.VIDEOJOBS, key.namespace, key.name, metadata["uid"])
        return found

    async def _publish(self, key: Key, message: Publish) -> None:
        began = time.monotonic()
        try:
            await self._deps.broker.publish(message.attempt, message.queue, message.priority)
        except BrokerAway:
            self._unsent[key] = message
            raise
        self._deps.metrics.dispatch_seconds.observe(time.monotonic() - began)
        self._deps.metrics.published.labels(queue=message.queue).inc()
        self._deps.wake_pools()
        log.info("Dispatched", namespace=key.namespace, name=key.name, task_id=message.attempt.task_id)

    async def _resend(self, key: Key, found: Object) -> None:
        """Send what could not be sent before, if it is still wanted: sooner than its loss would be noticed."""
        message = self._unsent.get(key)
        status = found.get("status") or {}
        if message is None:
            return
        if status.get("phase") != "Queued" or status.get("taskID") != message.attempt.task_id:
            del self._unsent[key]
            return
        if self._deps.redis.available:
            await self._publish(key, message)
            self._unsent.pop(key, None)

    async def _set_finalizer(self, found: Object, *, wanted: bool) -> Object:
        metadata = found["metadata"]
        others = [name for name in metadata.get("finalizers") or [] if name != FINALIZER]
        answer = await self._deps.api.set_finalizers(
            kubernetes.VIDEOJOBS,
            metadata["namespace"],
            metadata["name"],
            [*others, FINALIZER] if wanted else others,
            str(metadata["resourceVersion"]),
        )
        changed = without_managed_fields(answer)
        self._deps.store.refresh("VideoJob", changed)
        return changed


def _sooner(one: float | None, other: float | None) -> float | None:
    times = [each for each in (one, other) if each is not None]
    return min(times) if times else None
