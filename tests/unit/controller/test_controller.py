"""The controller: no lane waits for another, and each failure has its meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from videojobs_operator.clients.kubernetes import ApiError, Conflict, NotFound
from videojobs_operator.clients.redis import RedisAway
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.controller.controller import CONFLICT_S, Controller
from videojobs_operator.controller.lanes import Lane
from videojobs_operator.controller.work_queue import FIRST_BACKOFF_S, WorkQueue
from videojobs_operator.informer.store import Key, Kind
from videojobs_operator.telemetry.metrics import Metrics

JOB, POOL = Key("VideoJob", "n", "j"), Key("WorkerPool", "n", "p")
#: The longest that a test waits.
DEADLINE_S = 20.0

Reconcile = Callable[[Key], Awaitable[float | None]]


def lane(key: Key) -> Lane:
    return Lane.POOLS if key.kind == "WorkerPool" else Lane.WAITING


class Bench:
    """A controller with one reconciler for all kinds, and a bucket of its own."""

    def __init__(self, reconcile: Reconcile, writes_per_s: float = 1000.0) -> None:
        clock = asyncio.get_running_loop().time
        self.queue: WorkQueue[Key] = WorkQueue(clock, lane, jitter=lambda: 1.0)
        self.bucket = TokenBucket(writes_per_s, 1, clock)
        kinds: dict[Kind, Reconcile] = {"VideoJob": reconcile, "WorkerPool": reconcile}
        self.controller = Controller(self.queue, kinds, self.bucket, Metrics())

    async def until(self, done: asyncio.Event) -> None:
        running = asyncio.create_task(self.controller.run())
        try:
            await asyncio.wait_for(done.wait(), DEADLINE_S)
        finally:
            running.cancel()


def test_a_pool_is_reconciled_while_every_reconcile_of_new_videojobs_hangs() -> None:
    async def scenario() -> None:
        done, never = asyncio.Event(), asyncio.Event()

        async def reconcile(key: Key) -> None:
            if key == POOL:
                done.set()
            else:
                await never.wait()

        bench = Bench(reconcile)
        for number in range(100):
            bench.queue.add(Key("VideoJob", "n", str(number)))
        bench.queue.add(POOL)
        await bench.until(done)

    asyncio.run(scenario())


def test_a_pool_has_the_next_write_although_new_videojobs_came_first() -> None:
    async def scenario() -> None:
        done = asyncio.Event()
        order: list[str] = []

        async def reconcile(key: Key) -> None:
            bench.bucket.spend()
            order.append(key.kind)
            if key == JOB:
                bench.queue.add(POOL)
            if key == POOL:
                done.set()

        bench = Bench(reconcile, writes_per_s=100.0)
        bench.queue.add(JOB)
        for number in range(1000):
            bench.queue.add(Key("VideoJob", "n", str(number)))
        await bench.until(done)
        assert len(order) <= 5  # a write or two of those that had begun

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "after_s"),
    [
        (Conflict(409, "changed"), CONFLICT_S),
        (NotFound(404, "gone"), FIRST_BACKOFF_S),
        (ApiError(500, "broken"), FIRST_BACKOFF_S),
        (ApiError(429, "too many", retry_after_s=0.4), 0.4),
        (RedisAway("gone"), FIRST_BACKOFF_S),
        (ValueError("a slip"), FIRST_BACKOFF_S),
    ],
)
def test_after_a_failure_it_is_tried_again(error: Exception, after_s: float) -> None:
    async def scenario() -> None:
        done = asyncio.Event()
        times: list[float] = []

        async def reconcile(_: Key) -> None:
            times.append(asyncio.get_running_loop().time())
            if len(times) == 1:
                raise error
            done.set()

        bench = Bench(reconcile)
        bench.queue.add(JOB)
        await bench.until(done)
        assert after_s <= times[1] - times[0]

    asyncio.run(scenario())
