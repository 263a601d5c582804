"""What the jobs' and pools' reconciles see of the workers: queues, heartbeats, pools, as one recent look.

Asked for by every reconcile, and read from Redis less often than that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from videojobs_operator.clients.kubernetes import Object
from videojobs_operator.clients.redis import Redis
from videojobs_operator.core.job import PoolView
from videojobs_operator.core.pool_status import conditions_of, refused_message, unschedulable_message
from videojobs_operator.informer.store import Store
from videojobs_operator.resources.labels import WORKER_POOL
from videojobs_protocol.heartbeat import Heartbeat

#: How old an answer may be: of the workers, who are asked for by few, and of a queue's whole contents.
WORKERS_S: Final = 0.25
QUEUE_S: Final = 1.0


@dataclass(frozen=True)
class Workers:
    """Messages in each queue, and the workers that are alive by host name."""

    depths: Mapping[str, int]
    heartbeats: Mapping[str, Heartbeat]


class WorkerLister:
    """``clock`` gives seconds, monotonic."""

    def __init__(self, redis: Redis, store: Store, clock: Callable[[], float]) -> None:
        self._redis = redis
        self._store = store
        self._clock = clock
        self._looking = asyncio.Lock()
        self._workers: Workers | None = None
        self._read_at = float("-inf")
        self._pools: list[PoolView] = []
        self._pools_at = -1
        self._queued: dict[str, tuple[float, frozenset[str]]] = {}

    async def workers(self) -> Workers:
        """What Redis said just now.

        Raises:
            RedisAway: it says nothing.
        """
        async with self._looking:
            if self._workers is None or self._clock() - self._read_at > WORKERS_S:
                self._workers = Workers(await self._redis.queue_depths(), await self._redis.heartbeats())
                self._read_at = self._clock()
            return self._workers

    async def is_queued(self, queue: str, task_id: str, now: float) -> bool:
        """Whether a message is in its queue. One read of a queue answers for all that ask within a second.

        Raises:
            RedisAway: it says nothing.
        """
        async with self._looking:
            read_at, found = self._queued.get(queue, (float("-inf"), frozenset()))
            if self._clock() - read_at > QUEUE_S:
                found = frozenset(await self._redis.queued_tasks(queue, now))
                self._queued[queue] = (self._clock(), found)
            return task_id in found

    def pools(self) -> list[PoolView]:
        """All pools, as jobs see them."""
        changes = self._store.changes("WorkerPool", "Pod", "Deployment")
        if changes != self._pools_at:
            stuck = self._unschedulable()
            self._pools = [_pool_view(pool, stuck) for _, pool in self._store.all("WorkerPool")]
            self._pools_at = changes
        return self._pools

    def _unschedulable(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        told = [(*row, refused_message) for row in self._store.all("Deployment")]
        told += [(*row, unschedulable_message) for row in self._store.all("Pod")]
        for key, each, message_of in told:
            pool = (each["metadata"].get("labels") or {}).get(WORKER_POOL)
            if pool and (message := message_of(conditions_of(each))):
                found[key.namespace, pool] = message
        return found


def _pool_view(pool: Object, stuck: Mapping[tuple[str, str], str]) -> PoolView:
    namespace, name = pool["metadata"]["namespace"], pool["metadata"]["name"]
    queues = frozenset((pool.get("spec") or {}).get("queues") or ())
    return PoolView(namespace, name, queues, stuck.get((namespace, name), ""))
