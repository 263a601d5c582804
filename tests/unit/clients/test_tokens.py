"""The bucket: a bounded rate, and the important ones first."""

from __future__ import annotations

import asyncio

import pytest

from videojobs_operator.clients.tokens import TokenBucket


def test_burst_is_free_and_then_the_rate_holds() -> None:
    async def scenario() -> None:
        clock = asyncio.get_running_loop().time
        bucket = TokenBucket(rate=100, burst=5, clock=clock)
        began = clock()
        for _ in range(15):
            await bucket.take()
        assert 0.09 <= clock() - began < 1.0

    asyncio.run(scenario())


def test_the_urgent_go_before_those_that_came_first() -> None:
    async def scenario() -> None:
        bucket = TokenBucket(rate=50, burst=1, clock=asyncio.get_running_loop().time)
        await bucket.take()
        order: list[str] = []

        async def writer(name: str, rank: int) -> None:
            await bucket.take(rank)
            order.append(name)

        async with asyncio.TaskGroup() as group:
            for name, rank in (("a", 1), ("b", 1), ("end", 0)):
                group.create_task(writer(name, rank))
        assert order == ["end", "a", "b"]

    asyncio.run(scenario())


def test_what_can_wait_gets_nothing_of_the_reserve() -> None:
    now = [0.0]
    bucket = TokenBucket(rate=1, burst=4, clock=lambda: now[0])
    assert [bucket.try_take(reserve=0.5) for _ in range(4)] == [True, True, False, False]
    now[0] = 1.0
    assert bucket.try_take(reserve=0.5)


def test_a_cancelled_waiter_costs_no_token() -> None:
    async def scenario() -> None:
        bucket = TokenBucket(rate=50, burst=1, clock=asyncio.get_running_loop().time)
        await bucket.take()
        first = asyncio.create_task(bucket.take())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait_for(bucket.take(), 0.04 + 1)

    asyncio.run(scenario())


def test_what_was_reserved_and_not_spent_is_there_for_the_next() -> None:
    async def scenario() -> None:
        bucket = TokenBucket(rate=1e-6, burst=1, clock=asyncio.get_running_loop().time)
        for _ in range(3):
            async with bucket.reserved():
                pass
        async with bucket.reserved():
            bucket.spend()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bucket.take(), 0.05)

    asyncio.run(scenario())


def test_who_spends_in_the_middle_of_its_work_does_not_wait_but_those_after_it_do() -> None:
    now = [0.0]
    bucket = TokenBucket(rate=1, burst=2, clock=lambda: now[0])
    for _ in range(4):
        bucket.spend()
    now[0] = 2.0
    assert not bucket.try_take(reserve=0.0)
    now[0] = 3.0
    assert bucket.try_take(reserve=0.0)
