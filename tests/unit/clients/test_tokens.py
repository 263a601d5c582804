"""The bucket: a bounded rate, and the important ones first."""

from __future__ import annotations

import asyncio

from videojobs_operator.clients.tokens import STATE, TERMINAL, TokenBucket


def test_burst_is_free_and_then_the_rate_holds() -> None:
    async def scenario() -> None:
        clock = asyncio.get_running_loop().time
        bucket = TokenBucket(rate=100, burst=5, clock=clock)
        began = clock()
        for _ in range(15):
            await bucket.take()
        assert 0.09 <= clock() - began < 1.0

    asyncio.run(scenario())


def test_terminal_states_go_before_those_that_came_first() -> None:
    async def scenario() -> None:
        bucket = TokenBucket(rate=50, burst=1, clock=asyncio.get_running_loop().time)
        await bucket.take()
        order: list[str] = []

        async def writer(name: str, rank: int) -> None:
            await bucket.take(rank)
            order.append(name)

        async with asyncio.TaskGroup() as group:
            for name, rank in (("a", STATE), ("b", STATE), ("end", TERMINAL)):
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
