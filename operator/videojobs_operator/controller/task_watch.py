"""What wakes a job besides its own events: word from its worker, the regular look, Redis coming back.

An end or a beginning is looked at once. News of progress is not: what is known by then is written when the job is next
due, so that a thousand workers that report four times a second cost no more reconciles than writes.
"""

from __future__ import annotations

import asyncio
from typing import Final

from videojobs_operator.clients.redis import Change, Redis, RedisAway, Task
from videojobs_operator.controller.lanes import Lane
from videojobs_operator.controller.status_writer import PROGRESS_INTERVAL_S
from videojobs_operator.controller.work_queue import WorkQueue
from videojobs_operator.informer.store import Key, Store, phase_of
from videojobs_operator.telemetry import logs
from videojobs_operator.telemetry.metrics import Metrics
from videojobs_protocol.progress import FINAL_STATES

SWEEP_S: Final = 2.0
RECONNECT_S: Final = 0.5
#: Jobs asked for in one round trip.
PAGE: Final = 500
#: Phases in which a worker may have something to say.
ACTIVE: Final = frozenset({"Queued", "Running"})

log = logs.logger(__name__)


class TaskWatch:
    """Two endless tasks: :meth:`follow` the messages, and :meth:`sweep` for what was missed."""

    def __init__(self, redis: Redis, store: Store, queue: WorkQueue[Key], metrics: Metrics) -> None:
        self._redis = redis
        self._store = store
        self._queue = queue
        self._metrics = metrics
        self._seen: dict[Key, tuple[str, Task]] = {}

    async def follow(self) -> None:
        """Wake a job for every message of its task. A message carries no truth: the reconcile reads it."""
        while True:
            try:
                async for change in self._redis.changes():
                    self._changed(change)
            except RedisAway as error:
                log.warning("Lost the workers' messages", error=str(error))
            except Exception:
                log.exception("Could not follow the workers' messages")  # the sweep sees what is missed
            await asyncio.sleep(RECONNECT_S)

    def _changed(self, change: Change) -> None:
        key = self._store.job_of(change.task_id)
        job = key and self._store.get(key)
        if key is None or job is None:
            return
        if change.state in FINAL_STATES:
            self._queue.add(key, Lane.ENDINGS)
        elif phase_of(job) == "Running":
            self._queue.add_after(key, PROGRESS_INTERVAL_S)
        else:
            self._queue.add(key)

    async def sweep(self) -> None:
        """Look at all active jobs every two seconds and wake those of which something has changed."""
        was_away = False
        while True:
            try:
                await self.sweep_once()
                if was_away:
                    log.info("Redis is back")
                    self._wake_all()
                was_away = False
            except RedisAway as error:
                if not was_away:
                    log.warning("Redis is away", error=str(error))
                was_away = True
            except Exception:
                log.exception("Could not look at all jobs")
            self._metrics.observe_jobs(self._store.phases())
            self._metrics.observe_depths({lane.name.lower(): due for lane, due in self._queue.depths().items()})
            await asyncio.sleep(SWEEP_S)

    async def sweep_once(self) -> None:
        """One look. It also finds out whether Redis is there.

        Raises:
            RedisAway: it is not.
        """
        await self._redis.ping()
        active = self._active()
        for at in range(0, len(active), PAGE):
            page = active[at : at + PAGE]
            tasks = await self._redis.read_tasks([(uid, task_id) for _, uid, task_id in page])
            for (key, _, task_id), task in zip(page, tasks, strict=True):
                if self._seen.get(key) != (task_id, task):
                    self._seen[key] = (task_id, task)
                    self._queue.add(key, Lane.ENDINGS if task.status and task.status.final else None)
        for key in self._seen.keys() - {key for key, _, _ in active}:
            del self._seen[key]

    def _active(self) -> list[tuple[Key, str, str]]:
        found = []
        for key, job in self._store.all("VideoJob"):
            status = job.get("status") or {}
            if status.get("phase") in ACTIVE and status.get("taskID"):
                found.append((key, job["metadata"]["uid"], status["taskID"]))
        return found

    def _wake_all(self) -> None:
        for key, _ in self._store.all("VideoJob"):
            self._queue.add(key)
