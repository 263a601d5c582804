"""The parts of the operator, put together, and what wakes what."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
import time
from typing import Final

from videojobs_operator.clients.broker import Broker
from videojobs_operator.clients.kubernetes import ApiError, Kubernetes, Object
from videojobs_operator.clients.redis import Redis, RedisAway
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.controller.batch_reconciler import BatchReconciler
from videojobs_operator.controller.controller import Controller, Reconcile
from videojobs_operator.controller.dependencies import Dependencies
from videojobs_operator.controller.event_recorder import EventRecorder
from videojobs_operator.controller.job_reconciler import JobReconciler
from videojobs_operator.controller.lanes import lane_of
from videojobs_operator.controller.leader_election import LeaderElector
from videojobs_operator.controller.pool_reconciler import PoolReconciler
from videojobs_operator.controller.status_writer import StatusWriter
from videojobs_operator.controller.task_watch import TaskWatch
from videojobs_operator.controller.withdrawals import Withdrawals
from videojobs_operator.controller.work_queue import WorkQueue
from videojobs_operator.controller.worker_lister import WorkerLister
from videojobs_operator.informer import watches
from videojobs_operator.informer.relist import Relist
from videojobs_operator.informer.store import Key, Kind, Store, key_of, phase_of
from videojobs_operator.resources.labels import WORKER_POOL
from videojobs_operator.resources.videojob import batch_of
from videojobs_operator.settings import Settings
from videojobs_operator.telemetry import logs
from videojobs_operator.telemetry.metrics import Metrics
from videojobs_operator.telemetry.server import ProbeServer

#: Objects that are due and none that gets done for so long: a restart may help.
STUCK_S: Final = 120.0
LIST_RETRY_S: Final = 1.0
#: Writes of status a second in the long run, and at once after a pause.
WRITES_PER_S: Final = 300.0
WRITES_BURST: Final = 300
#: A batch looks once at what several of its VideoJobs have to say.
BATCH_DELAY_S: Final = 0.2

log = logs.logger(__name__)


class Operator:
    """Everything between the API server and Redis, in one event loop."""

    def __init__(self, settings: Settings, api: Kubernetes, metrics: Metrics) -> None:
        clock = time.monotonic
        self._api = api
        self._redis = Redis(settings.redis_url, metrics.redis_asked, settings.broker_url)
        self._broker = Broker(settings.broker_url)
        self._store = Store()
        self._queue: WorkQueue[Key] = WorkQueue(clock, functools.partial(lane_of, self._store))
        self._bucket = TokenBucket(WRITES_PER_S, WRITES_BURST, clock)
        self._generations: dict[Key, int] = {}  # of pools
        self._events = EventRecorder(api, clock)
        self._withdrawals = Withdrawals(self._redis)
        dependencies = Dependencies(
            settings,
            api,
            self._redis,
            self._broker,
            self._store,
            StatusWriter(api, self._store, self._bucket, clock),
            WorkerLister(self._redis, self._store, clock),
            self._withdrawals,
            self._events,
            metrics,
            self._wake_pools,
            self._wake_batch,
        )
        reconcilers: dict[Kind, Reconcile] = {
            "VideoJob": JobReconciler(dependencies).reconcile,
            "VideoBatch": BatchReconciler(dependencies).reconcile,
            "WorkerPool": PoolReconciler(dependencies).reconcile,
        }
        self._controller = Controller(self._queue, reconcilers, self._bucket, metrics)
        self._task_watch = TaskWatch(self._redis, self._store, self._queue, metrics)
        self._relist = Relist(api, self._store, self._changed, settings.namespaces)
        self._probes = ProbeServer(
            settings.http_port, health=self._health, readiness=self._readiness, metrics=metrics.exposition
        )
        self._namespaces = settings.namespaces
        self._metrics = metrics
        self._elector = LeaderElector(api, *settings.lease, _identity()) if settings.lease else None

    async def start_probes(self) -> None:
        """Answer probes, whatever the answer."""
        log.info("Serving probes and metrics", port=await self._probes.start())

    async def prepare(self) -> None:
        """Wait until the API server knows the operator's kinds and has told of all objects."""
        await self._relist.wait_for_crds()
        while not self._relist.listed:
            try:
                await self._relist.once()
            except ApiError as error:
                log.warning("Could not list", error=str(error))
                await asyncio.sleep(LIST_RETRY_S)
        with contextlib.suppress(RedisAway):
            await self._redis.ping()
        log.info("Listed", videojobs=self._store.count("VideoJob"), workerpools=self._store.count("WorkerPool"))

    async def run(self) -> None:
        """Work until cancelled, once this operator leads; a part that fails brings all of it down."""
        if self._elector is None:
            await self._act()
            return
        try:
            await self._elector.acquire()
            self._metrics.leader.set(1)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._elector.hold())
                group.create_task(self._act())
        finally:
            self._metrics.leader.set(0)
            await self._elector.release()

    async def _act(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._controller.run())
            group.create_task(self._task_watch.follow())
            group.create_task(self._task_watch.sweep())
            group.create_task(self._relist.forever())
            group.create_task(self._events.run())
            group.create_task(self._withdrawals.run())

    async def watch(self) -> None:
        """Keep what is known of the cluster up to date, until cancelled or a signal comes."""
        await watches.watch(self._store, self._changed, self._namespaces)

    async def close(self) -> None:
        """Close all connections."""
        await self._probes.stop()
        await self._broker.close()
        await self._redis.close()
        await self._api.close()

    def _changed(self, kind: Kind, found: Object) -> None:
        key = key_of(kind, found)
        if kind in ("VideoJob", "VideoBatch", "WorkerPool"):
            self._queue.add(key)
        elif pool := (found["metadata"].get("labels") or {}).get(WORKER_POOL):
            self._queue.add(Key("WorkerPool", key.namespace, pool))
        if kind == "VideoJob":
            self._wake_batch(found)
        if kind == "WorkerPool" and self._is_new(key, found):
            self._wake_waiting()

    def _is_new(self, key: Key, pool: Object) -> bool:
        """Whether the pool's spec is another than before, or the pool came or went."""
        if self._store.get(key) is None:
            return self._generations.pop(key, None) is not None
        before, now = self._generations.get(key), int(pool["metadata"].get("generation", 0))
        self._generations[key] = now
        return before != now

    def _wake_pools(self) -> None:
        for key, _ in self._store.all("WorkerPool"):
            self._queue.add_after(key, 0.1)

    def _wake_batch(self, job: Object) -> None:
        if batch := batch_of(job):
            self._queue.add_after(Key("VideoBatch", job["metadata"]["namespace"], batch[0]), BATCH_DELAY_S)

    def _wake_waiting(self) -> None:
        for key, job in self._store.all("VideoJob"):
            if phase_of(job) in ("Pending", "Queued"):
                self._queue.add_after(key, 0.1)

    async def _health(self) -> str:
        stuck_s = self._controller.stuck_s()
        return f"no reconcile has ended for {stuck_s:.0f} s\n" if stuck_s > STUCK_S else ""

    async def _readiness(self) -> str:
        if not self._relist.listed:
            return "the API server has not yet told of all objects\n"
        try:
            await self._redis.ping()
        except RedisAway as error:
            return f"Redis is away: {error}\n"
        return ""


def _identity() -> str:
    """Of this process among all operators: a pod that starts anew is another one."""
    return f"{socket.gethostname()}_{secrets.token_hex(4)}"
