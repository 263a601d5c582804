"""The heartbeat of a worker: to Redis for the operator, to a file for the pod's probes."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import ClassVar

import redis
import structlog

from videojobs_protocol import keys
from videojobs_protocol.heartbeat import INTERVAL_S, TTL_S, Heartbeat
from videojobs_worker.connections import prompt
from videojobs_worker.gpu import capabilities
from videojobs_worker.monitor import measure
from videojobs_worker.settings import Settings

#: How soon a job that begins or ends is told.
LOOK_INTERVAL_S = 0.2

log = structlog.get_logger()


class Pulse:
    """Tells of this worker every two seconds, and at once when what it runs changes."""

    draining: ClassVar[bool] = False

    def __init__(self, settings: Settings, *, hostname: str, queues: tuple[str, ...], concurrency: int) -> None:
        self._client = prompt(settings.redis_url)
        self._about = Heartbeat(
            hostname=hostname,
            pool=settings.pool,
            namespace=settings.namespace,
            pod=settings.pod,
            node=settings.node,
            queues=queues,
            concurrency=concurrency,
            capabilities=tuple(sorted(capabilities())),
        )
        self._folder = settings.temp_dir
        self._idle_since: float | None = time.time()

    @classmethod
    def drain(cls) -> None:
        """This worker takes nothing more."""
        cls.draining = True

    def start(self) -> None:
        """Beat in a thread of its own until the process ends."""
        threading.Thread(target=self._beat_on, name="heartbeat", daemon=True).start()

    def _beat_on(self) -> None:
        told: tuple[tuple[str, ...], bool] | None = None
        last = 0.0
        while True:
            seen = (running_tasks(), self.draining)
            if seen != told or time.monotonic() - last >= INTERVAL_S:
                self._beat(*seen)
                told, last = seen, time.monotonic()
            time.sleep(LOOK_INTERVAL_S)

    def _beat(self, running: tuple[str, ...], draining: bool) -> None:
        from dataclasses import replace

        now = time.time()
        self._idle_since = None if running else (self._idle_since or now)
        beat = replace(
            self._about,
            running=running,
            idle_since=self._idle_since,
            draining=draining,
            updated_at=now,
            resources=measure(self._folder, interval_s=None),
        )
        try:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.set(keys.worker(beat.hostname), beat.to_json(), px=int(TTL_S * 1000))
            pipeline.sadd(keys.WORKERS, beat.hostname)
            pipeline.execute()
        except redis.RedisError as error:
            log.warning("Could not tell of this worker", error=str(error))


def running_tasks() -> tuple[str, ...]:
    """Ids of the tasks that this worker's processes run or are about to."""
    from celery.worker import state

    # Copied first: the consumer changes the set in another thread.
    return tuple(sorted(request.id for request in list(state.reserved_requests)))


def heartbeat_file(settings: Settings) -> Path:
    """The file whose age tells whether this worker's main process is alive."""
    # Containers may share the folder; each is a host of its own name.
    return settings.temp_dir / f"heartbeat-{socket.gethostname()}"


def keep_file_fresh(settings: Settings) -> None:
    """Touch that file in a thread of its own, which no Redis can hold up, until the process ends."""
    path = heartbeat_file(settings)

    def touch_on() -> None:
        while True:
            _touch(path)
            time.sleep(INTERVAL_S)

    threading.Thread(target=touch_on, name="heartbeat-file", daemon=True).start()


def _touch(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        log.warning("Could not write the heartbeat file", path=str(path), error=str(error))
