"""The work queue: what is due, once, in order, and never in two hands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from videojobs_operator.controller.lanes import Lane
from videojobs_operator.controller.work_queue import FIRST_BACKOFF_S, LAST_BACKOFF_S, WorkQueue


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as nothing else is to be done."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def run(test: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(asyncio.wait_for(test, 1000))


class Due(WorkQueue[str]):
    """One whose keys are of one lane unless they are added with another."""

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop().time, lambda _: Lane.WAITING, jitter=lambda: 1.0)

    async def get(self, lane: Lane = Lane.WAITING) -> tuple[str, float]:
        return await super().get(lane)


def queue() -> Due:
    return Due()


def test_first_come_first_served_and_each_once() -> None:
    async def scenario() -> None:
        due = queue()
        for key in "abab":
            due.add(key)
        assert len(due) == 2
        assert [await due.get(), await due.get()] == [("a", 0.0), ("b", 0.0)]

    run(scenario())


def test_a_held_key_is_not_given_twice_but_comes_again_when_news_came_meanwhile() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        await due.get()
        due.add("a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(), 1)
        due.done("a")
        assert (await due.get())[0] == "a"

    run(scenario())


def test_delay_is_kept_and_told_as_no_lag() -> None:
    async def scenario() -> None:
        due = queue()
        due.add_after("late", 5)
        due.add_after("soon", 1)
        found = [(await due.get(), due._clock()) for _ in range(2)]
        assert found == [(("soon", 0.0), 1.0), (("late", 0.0), 5.0)]

    run(scenario())


@pytest.mark.parametrize(("first", "second", "expected"), [(5, 1, 1.0), (1, 5, 1.0), (5, 0, 0.0)])
def test_the_sooner_of_two_times_holds(first: float, second: float, expected: float) -> None:
    async def scenario() -> None:
        due = queue()
        due.add_after("a", first)
        due.add_after("a", second)
        await due.get()
        assert due._clock() == expected
        due.done("a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(), 60)

    run(scenario())


def test_backoff_grows_to_its_bound_and_starts_anew_after_success() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        delays = []
        for _ in range(15):
            await due.get()
            delays.append(due.failed("a"))
        assert delays[:3] == [FIRST_BACKOFF_S, FIRST_BACKOFF_S * 2, FIRST_BACKOFF_S * 4]
        assert delays[-1] == LAST_BACKOFF_S
        await due.get()
        due.done("a")
        due.add("a")
        await due.get()
        assert due.failed("a") == FIRST_BACKOFF_S

    run(scenario())


def test_news_cut_a_backoff_short() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        await due.get()
        due.failed("a")
        due.add("a")
        await due.get()
        assert due._clock() == 0.0

    run(scenario())


def test_a_forgotten_key_does_not_come_back() -> None:
    async def scenario() -> None:
        due = queue()
        due.add_after("a", 1)
        due.forget("a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(), 60)

    run(scenario())


def test_lag_is_the_time_a_key_was_due() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        await asyncio.sleep(3)
        assert await due.get() == ("a", 3.0)

    run(scenario())


def test_a_lane_gives_its_own_keys_however_many_wait_in_another() -> None:
    async def scenario() -> None:
        due = queue()
        for number in range(10_000):
            due.add(f"new {number}")
        due.add("pool", Lane.POOLS)
        assert (await due.get(Lane.POOLS))[0] == "pool"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(Lane.POOLS), 1)

    run(scenario())


@pytest.mark.parametrize("lanes", [(Lane.WAITING, Lane.ENDINGS), (Lane.ENDINGS, Lane.WAITING)])
def test_a_key_of_two_lanes_comes_once_in_the_more_urgent_with_its_whole_lag(lanes: tuple[Lane, Lane]) -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a", lanes[0])
        await asyncio.sleep(2)
        due.add("a", lanes[1])
        assert due.depths() == {**dict.fromkeys(Lane, 0), Lane.ENDINGS: 1}
        assert await due.get(Lane.ENDINGS) == ("a", 2.0)
        due.done("a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(Lane.WAITING), 1)

    run(scenario())


def test_a_key_that_changed_lanes_and_comes_again_in_the_old_one_comes_once() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        due.add("a", Lane.ENDINGS)
        await due.get(Lane.ENDINGS)
        due.done("a")
        due.add("a")  # beside the entry that its change of lanes has left there
        await due.get()
        due.done("a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(due.get(), 1)

    run(scenario())


def test_a_server_that_asks_to_be_left_alone_is_left_alone_for_so_long() -> None:
    async def scenario() -> None:
        due = queue()
        due.add("a")
        await due.get()
        assert due.failed("a", at_least_s=7.0) == 7.0
        await due.get()
        assert due._clock() == 7.0

    run(scenario())
