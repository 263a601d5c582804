"""What the worker says while it works: ``task_status:{id}`` and ``task_progress:{id}``, about four times a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import redis
import structlog

from videojobs_protocol import keys
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity
from videojobs_worker.process.background import Background

INTERVAL_S = 0.25
#: What waits to be told; where Redis is away, older words on the same task are worth nothing.
WAITING = 64
#: How a task ended is said again so often while Redis is away, and for so long.
TELL_AGAIN_S = 1.0
TELL_FOR_S = 3600.0

log = structlog.get_logger()


class Reporter(Background):
    """Publishes one task's status; percent never goes back. Safe to use from any thread.

    While the ``with`` block runs, a thread of its own tells Redis, so that one that hangs holds up no ffmpeg. Without
    the block only the last word is told.

    Args:
        client: tries once, so that the last word of a task does not wait behind its progress.
        task_id: whose status.
        worker: who works.
        clock: Unix seconds.
        pause: waits, in seconds, before the last word is said again.
    """

    def __init__(
        self,
        client: redis.Redis,
        task_id: str,
        worker: WorkerIdentity,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__("reporter")
        self._client = client
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._telling = threading.Lock()  # held while Redis is told: nothing comes after the last word
        self._waiting: deque[TaskStatus] = deque(maxlen=WAITING)
        self._arrival = threading.Event()
        self._published = 0.0
        self._notes: dict[str, None] = {}
        self.status = TaskStatus(task_id, "running", worker=worker, started_at=clock())

    def stage(self, stage: str, message: str, percent: float | None = None) -> None:
        """A new stage of the work; always told."""
        self._update(stage=stage, message=message, progress=self._forward(percent))
        self._publish()

    def progress(self, percent: float, speed: float | None, eta_s: float | None) -> None:
        """How far it is; told at most four times a second."""
        self._update(progress=self._forward(percent), speed=speed, eta_s=eta_s)
        if self._clock() - self._published >= INTERVAL_S:
            self._publish()

    def note(self, message: str, **details: Any) -> None:
        """Something that the user should know about how it is done; a success is told with all of them."""
        self._notes |= {message: None}  # once, where another way is tried
        self.tell(message, **details, note="; ".join(self._notes))

    def tell(self, message: str, **details: Any) -> None:
        """Something that is known now."""
        self._update(message=message, details={**self.status.details, **details})
        self._publish()

    def plan(self, strategy: str, reason: str) -> None:
        """Which way was chosen, and why."""
        self._update(details={**self.status.details, "plan": {"strategy": strategy, "reason": reason}})
        self._publish()

    def completed(self, outputs: tuple[Output, ...]) -> TaskStatus:
        """The last word on a success."""
        made = f"{len(outputs)} output{'s' if len(outputs) != 1 else ''} made"
        message = self.status.details.get("note") or made
        return self._finish(status="completed", progress=100.0, stage="", message=message, outputs=outputs)

    def failed(self, failure: Failure, *, retrying: bool = False) -> TaskStatus:
        """The last word on a failure, or that it will be tried again."""
        state = "retrying" if retrying else "failed"
        return self._finish(status=state, stage="", message=failure.message, failure=failure)

    def __exit__(self, *error: Any) -> None:
        self._ended.set()
        self._arrival.set()
        super().__exit__(*error)

    def _work(self) -> None:
        while not self._ended.is_set():
            self._arrival.wait()
            self._arrival.clear()
            with self._telling:
                self._tell_waiting()

    def _tell_waiting(self) -> None:
        """Progress may be lost when Redis is away."""
        while self._waiting:
            status = self._waiting.popleft()
            try:
                publish(self._client, status)
            except redis.RedisError as error:
                self._waiting.clear()
                log.warning("Did not publish progress", task_id=status.task_id, error=str(error))

    def _finish(self, **changes: Any) -> TaskStatus:
        self._update(eta_s=None, **changes)
        with self._telling:
            self._waiting.clear()
            self._tell_last()
        return self.status

    def _tell_last(self) -> None:
        """The last word must not be lost: what is done would be done again. It waits for a Redis that is away."""
        since = self._clock()
        while True:
            try:
                return publish(self._client, self.status)
            except redis.RedisError as error:
                if self._clock() - since > TELL_FOR_S:
                    raise
                log.warning("Could not say how a task ended", task_id=self.status.task_id, error=str(error))
            self._pause(TELL_AGAIN_S)

    def _forward(self, percent: float | None) -> float:
        return max(self.status.progress, min(percent or 0.0, 100.0))

    def _update(self, **changes: Any) -> None:
        with self._lock:
            self.status = replace(self.status, updated_at=self._clock(), **changes)

    def _publish(self) -> None:
        self._published = self._clock()
        self._waiting.append(self.status)
        self._arrival.set()


def publish(client: redis.Redis, status: TaskStatus) -> None:
    """Keep the status for those who come late, and tell those who listen."""
    text = status.to_json()
    pipeline = client.pipeline(transaction=False)
    pipeline.set(keys.task_status(status.task_id), text, ex=keys.STATUS_TTL_S)
    pipeline.publish(keys.task_progress(status.task_id), text)
    pipeline.execute()
