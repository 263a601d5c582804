"""Calls side by side: in order, so many at a time, left behind when they are stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper


def test_results_come_in_the_order_of_the_calls() -> None:
    last = threading.Event()

    def first() -> int:
        assert last.wait(30)
        return 1

    def second() -> int:
        last.set()
        return 2

    assert side_by_side([first, second], Stopper(), 2) == [1, 2]
    assert side_by_side([], Stopper(), 2) == []


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_than_so_many_run_at_a_time(at_once: int) -> None:
    lock, running, most = threading.Lock(), 0, 0
    together = threading.Barrier(at_once)

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(30)
        with lock:
            running -= 1

    side_by_side([call] * 9, Stopper(), at_once)
    assert most == at_once


def test_the_first_failure_is_raised_and_nothing_more_begins() -> None:
    begun: list[int] = []

    def call(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise KeyError(number)

    with pytest.raises(KeyError):
        side_by_side([partial(call, number) for number in range(100)], Stopper(), 1)
    assert begun[:2] == [0, 1]
    assert len(begun) < 100


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_who_is_stopped_leaves_a_call_that_hangs_behind(when: str) -> None:
    stopper, begun, release = Stopper(), threading.Event(), threading.Event()
    stop = partial(stopper.stop, StoppedError("Cancelled", "enough"))

    def hang() -> bool:
        begun.set()
        return release.wait(60)

    calls: list[Callable[[], bool]] = [hang, hang]
    stopping = threading.Thread(target=lambda: (begun.wait(30), stop()))
    if when == "before":
        stop()
    stopping.start()
    with pytest.raises(StoppedError, match="enough"):
        side_by_side(calls, stopper, 1)
    assert not release.is_set()  # so that nobody waited for it
    release.set()
    begun.set()
    stopping.join()


def test_a_part_of_the_work_ends_with_the_whole_and_with_its_block() -> None:
    whole = Stopper()
    with whole.part() as part:
        part.check()
    with pytest.raises(StoppedError):
        part.check()
    whole.check()
    with whole.part() as part:
        whole.stop(StoppedError("Cancelled", "enough"))
        with pytest.raises(StoppedError, match="enough"):
            part.check()
