"""Calls side by side that may be left behind: nothing can interrupt a thread that waits for storage that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from videojobs_worker.process.stopper import Stopper

T = TypeVar("T")


def side_by_side(calls: Sequence[Callable[[], T]], stopper: Stopper, at_once: int) -> list[T]:
    """The results of calls, in their order.

    Args:
        calls: each is called once, from a daemon thread.
        stopper: ends the wait at once; a call that is under way then ends by itself, and nobody sees its result.
        at_once: how many run at a time.

    Raises:
        StoppedError: it was stopped.
        BaseException: of the first call that failed; those that have not begun are dropped.
    """
    batch = _Batch(calls)
    with stopper.ending(batch.over.set):
        for _ in range(min(at_once, len(calls))):
            threading.Thread(target=batch.work, name="side-by-side", daemon=True).start()
        try:
            batch.over.wait()
        finally:
            batch.drop()
    stopper.check()
    return batch.results()


class _Batch(Generic[T]):
    """Calls that wait, and futures of their results. ``over`` is set when all have ended or one has failed."""

    def __init__(self, calls: Sequence[Callable[[], T]]) -> None:
        self._lock, self._left = threading.Lock(), len(calls)
        self._futures: list[Future[T]] = [Future() for _ in calls]
        self._waiting: SimpleQueue[tuple[Callable[[], T], Future[T]]] = SimpleQueue()
        self._failed: list[BaseException] = []
        self.over = threading.Event()
        for each in zip(calls, self._futures, strict=True):
            self._waiting.put(each)
        if not calls:
            self.over.set()

    def work(self) -> None:
        """Call what waits until nothing does, or one has failed."""
        while not self.over.is_set():
            try:
                call, future = self._waiting.get_nowait()
            except Empty:
                return
            if future.set_running_or_notify_cancel():
                self._run(call, future)

    def _run(self, call: Callable[[], T], future: Future[T]) -> None:
        failed: BaseException | None = None
        try:
            future.set_result(call())
        except BaseException as error:
            failed = error
        with self._lock:
            self._left -= 1
            self._failed += [failed] if failed else []
            if failed or not self._left:
                self.over.set()

    def drop(self) -> None:
        """Begin no more."""
        for future in self._futures:
            future.cancel()

    def results(self) -> list[T]:
        """Raises the first failure."""
        if self._failed:
            raise self._failed[0]
        return [future.result() for future in self._futures]
