"""Ends what runs from another thread: a cancel, a deadline, a lease that was lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from videojobs_worker.errors import StoppedError


class Stopper:
    """Stops what runs now, and all that would run later. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: list[Callable[[], None]] = []
        self._error: StoppedError | None = None
        self._stopped = threading.Event()

    def stop(self, error: StoppedError) -> None:
        """End what runs, each by what :meth:`ending` was given. The first error stays."""
        with self._lock:
            self._error = self._error or error
            ends = list(self._ends)
        self._stopped.set()
        for end in ends:
            end()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise what :meth:`stop` was given, if it was."""
        if self._error:
            raise self._error

    def wait(self, seconds: float) -> None:
        """Wait, or raise as soon as it is stopped."""
        self._stopped.wait(seconds)
        self.check()

    @contextlib.contextmanager
    def part(self) -> Iterator[Stopper]:
        """A stopper for a part of the work, which is stopped with the whole, and at the end of the ``with`` block."""
        part = Stopper()
        over = StoppedError("InternalError", "the work that this was a part of has ended")
        try:
            with self.ending(lambda: part.stop(self._error or over)):
                yield part
        finally:
            part.stop(over)

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """What runs within is ended by ``end``, called from another thread; at once where all was stopped already."""
        with self._lock:
            self._ends.append(end)
        try:
            if self._error:
                end()
            yield
        finally:
            with self._lock:
                self._ends.remove(end)
