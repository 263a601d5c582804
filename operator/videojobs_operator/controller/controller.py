"""The loop: takes due keys of each lane, has them reconciled a number at a time, and decides what a failure means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from videojobs_operator.clients.broker import BrokerAway
from videojobs_operator.clients.kubernetes import ApiError, Conflict, NotFound
from videojobs_operator.clients.redis import RedisAway
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.controller.lanes import CONCURRENCY, Lane
from videojobs_operator.controller.work_queue import WorkQueue
from videojobs_operator.informer.store import Key, Kind
from videojobs_operator.telemetry import logs
from videojobs_operator.telemetry.metrics import Metrics

#: After a lost race: the watch brings the newer object at any moment, and that wakes the key as well.
CONFLICT_S: Final = 0.2

#: Brings the world nearer to what an object asks for; returns after how many seconds to look again.
Reconcile = Callable[[Key], Awaitable[float | None]]

log = logs.logger(__name__)


class Controller:
    """Runs the reconcilers of all kinds from one queue."""

    def __init__(
        self, queue: WorkQueue[Key], reconcilers: Mapping[Kind, Reconcile], bucket: TokenBucket, metrics: Metrics
    ) -> None:
        self._queue = queue
        self._reconcilers = reconcilers
        self._bucket = bucket
        self._metrics = metrics
        self._last_end: float | None = None  # before it runs nothing is expected of it

    def stuck_s(self) -> float:
        """For how many seconds objects have been due without one reconcile coming to an end."""
        if self._last_end is None or not len(self._queue):
            return 0.0
        return time.monotonic() - self._last_end

    async def run(self) -> None:
        """Work until cancelled."""
        self._last_end = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for lane, count in CONCURRENCY.items():
                for _ in range(count):
                    group.create_task(self._work(lane))

    async def _work(self, lane: Lane) -> None:
        while True:
            key, lag_s = await self._queue.get(lane)
            # Before it looks: what it decides on is fresh, and it need not wait once it has decided.
            async with self._bucket.reserved(lane):
                self._metrics.observe_due(lane.name.lower(), lag_s)
                began = time.monotonic()
                outcome = await self._reconcile(key)
            self._last_end = time.monotonic()
            self._metrics.reconcile_seconds.labels(kind=key.kind).observe(time.monotonic() - began)
            self._metrics.reconciles.labels(kind=key.kind, outcome=outcome).inc()

    async def _reconcile(self, key: Key) -> str:
        try:
            after_s = await self._reconcilers[key.kind](key)
        except Conflict:
            # Somebody was faster: the watch tells.
            self._queue.done(key, CONFLICT_S)
            return "conflict"
        except NotFound:
            # Gone, and the watch tells. Should it not, the next full look does.
            self._queue.failed(key)
            return "gone"
        except (ApiError, RedisAway, BrokerAway) as error:
            delay_s = self._queue.failed(key, at_least_s=getattr(error, "retry_after_s", 0.0))
            log.warning("Will try again", **_names(key), error=str(error), delay_s=round(delay_s, 2))
            return "retry"
        except Exception:
            delay_s = self._queue.failed(key)
            log.exception("Failed to reconcile", **_names(key), delay_s=round(delay_s, 2))
            return "error"
        self._queue.done(key, after_s)
        return "ok"


def _names(key: Key) -> dict[str, str]:
    return {"kind": key.kind, "namespace": key.namespace, "name": key.name}
