"""A worker that speaks the real protocol and makes no media: the test says what it does, step by step.

It takes messages from the real queues with kombu, as Celery's consumer does, and claims, reports and beats
as a worker must. It is in the tests' own process, single-threaded, and does nothing on its own.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import redis
from kombu import Connection

from videojobs_protocol import claims, heartbeat, keys, progress, queues
from videojobs_protocol.attempt import Attempt

DEADLINE_S = 30.0


@dataclass
class Taken:
    """An attempt in the worker's hands."""

    attempt: Attempt
    worker: ScriptedWorker

    @property
    def claim(self) -> claims.Claim:
        return claims.Claim(self.attempt.job_uid, self.attempt.task_id, self.attempt.number, self.worker.hostname)

    def begin(self) -> claims.Verdict:
        """Claim it and say that it runs."""
        verdict = self.worker.claims.acquire(self.claim, time.time())
        if verdict == "held":
            self.report(0, "Fetching")
        return verdict

    def report(self, percent: float, stage: str = "Encoding") -> None:
        """Say how far it is."""
        self._publish(status="running", progress=percent, stage=stage)

    def renew(self) -> claims.Verdict:
        return self.worker.claims.renew(self.claim)

    def succeed(self, uri: str = "file:///media/out.mp4", sha256: str = "0" * 64) -> None:
        """Report an output and let go."""
        output = progress.Output(uri=uri, bytes=1234, sha256=sha256, duration_s=10.0)
        self._publish(status="completed", progress=100, outputs=(output,))
        self.worker.claims.release(self.claim)

    def fail(self, reason: str = "EncodeFailed", *, retryable: bool = True) -> None:
        """Report a failure and let go."""
        failure = progress.Failure(reason, f"{reason} in a test", retryable, log_tail="last words")
        self._publish(status="failed", failure=failure)
        self.worker.claims.release(self.claim)

    def vanish(self) -> None:
        """What remains of a killed worker once its lease has run out."""
        self.worker.claims.release(self.claim)

    def _publish(self, **fields: Any) -> None:
        status = progress.TaskStatus(
            task_id=self.attempt.task_id,
            updated_at=time.time(),
            worker=progress.WorkerIdentity(self.worker.hostname, pod="pod-1", node="node-1"),
            **fields,
        )
        client, task_id = self.worker.redis, self.attempt.task_id
        client.set(keys.task_status(task_id), status.to_json(), ex=keys.STATUS_TTL_S)
        client.publish(keys.task_progress(task_id), status.to_json())


class ScriptedWorker:
    """Takes from queues of one Redis."""

    def __init__(self, url: str, hostname: str = "worker@scripted") -> None:
        self.hostname = hostname
        self.redis = redis.Redis.from_url(url, decode_responses=True)
        # Nobody renews in the background: a lease must outlast a slow test.
        self.claims = claims.Claims(self.redis, lease_s=120)
        options = {"priority_steps": list(queues.BROKER_PRIORITY_STEPS)}
        self._connection = Connection(url, transport_options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self.redis.close()

    def beat(self, running: tuple[str, ...] = (), **fields: Any) -> None:
        """Say that it is alive, for as long as a beat counts."""
        now = time.time()
        beat = heartbeat.Heartbeat(
            hostname=self.hostname,
            running=running,
            idle_since=None if running else fields.pop("idle_since", now),
            updated_at=now,
            **fields,
        )
        ttl_ms = int(heartbeat.TTL_S * 1000)
        self.redis.set(keys.worker(self.hostname), beat.to_json(), px=ttl_ms)
        self.redis.sadd(keys.WORKERS, self.hostname)

    def waiting(self, queue: str) -> int:
        """Messages in a queue, of all priorities."""
        return sum(int(self.redis.llen(key)) for key in queues.queue_keys(queue))

    def lists_of(self, job_uid: str, queue: str = "transcode_queue") -> list[int]:
        """Which of a queue's lists, by the broker's priority, the messages of a job are in."""
        found = []
        for priority, key in enumerate(queues.queue_keys(queue)):
            ids = [json.loads(text)["headers"]["id"] for text in self.redis.lrange(key, 0, -1)]
            found += [priority for each in ids if each.startswith(f"{job_uid}-")]
        return found

    def take(self, job_uid: str, queue: str = "transcode_queue", timeout_s: float = DEADLINE_S) -> Taken:
        """The next attempt of a job; messages of other jobs are dropped on the way."""
        deadline = time.monotonic() + timeout_s
        while True:
            taken = self.take_any(queue, max(0.01, deadline - time.monotonic()))
            if taken.attempt.job_uid == job_uid:
                return taken

    def take_any(self, queue: str = "transcode_queue", timeout_s: float = DEADLINE_S) -> Taken:
        """The next attempt in a queue.

        Raises:
            queue.Empty: none came in time.
        """
        with self._connection.SimpleQueue(queue) as messages:
            message = messages.get(timeout=timeout_s)
            message.ack()
        (data,) = message.payload[0]
        attempt = Attempt.from_dict(data)
        assert message.headers["task"] == queues.RUN_ATTEMPT_TASK
        assert message.headers["id"] == attempt.task_id
        return Taken(attempt, self)
