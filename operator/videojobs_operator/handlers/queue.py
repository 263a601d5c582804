"""The work queue: which objects are due for a reconcile, and when.

Keys, not objects: a key that is added many times is worked on once, with what is then true. No two workers
ever hold the same key. Asyncio's own timer wheel is not used a key: one heap and one timer serve all.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FIRST_BACKOFF_S: Final = 0.05
LAST_BACKOFF_S: Final = 30.0


class WorkQueue(Generic[Key]):
    """Due keys. Get one with :meth:`get`, give it back with :meth:`done` or :meth:`failed`.

    ``clock`` gives seconds, monotonic; ``jitter`` a factor for backoffs, by default 0.5 to 1.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._ready: deque[Key] = deque()
        self._due_since: dict[Key, float] = {}  # in _ready, or to be again when given back
        self._held: set[Key] = set()
        self._delayed: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []  # stale entries are skipped
        self._order = 0
        self._failures: dict[Key, int] = {}
        self._arrival = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due_since)

    def add(self, key: Key) -> None:
        """Due now."""
        self._delayed.pop(key, None)
        if key in self._due_since:
            return
        self._due_since[key] = self._clock()
        if key not in self._held:
            self._ready.append(key)
            self._arrival.set()

    def add_after(self, key: Key, delay_s: float) -> None:
        """Due in a while, or at the time that stands already if that is sooner."""
        if delay_s <= 0:
            self.add(key)
            return
        at = self._clock() + delay_s
        if key in self._due_since or self._delayed.get(key, float("inf")) <= at:
            return
        self._delayed[key] = at
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, key))
        if self._heap[0][2] == key:
            self._set_timer()

    async def get(self) -> tuple[Key, float]:
        """The next key, held until given back, and for how many seconds it has been due."""
        while not self._ready:
            self._arrival.clear()
            await self._arrival.wait()
        key = self._ready.popleft()
        self._held.add(key)
        return key, max(0.0, self._clock() - self._due_since.pop(key))

    def done(self, key: Key, after_s: float | None = None) -> None:
        """Give back a key that went well; due again after ``after_s``, or only when added."""
        self._failures.pop(key, None)
        self._release(key)
        if after_s is not None:
            self.add_after(key, after_s)

    def failed(self, key: Key) -> float:
        """Give back a key that went wrong; it is due again after a growing while, returned in seconds.

        News of the object still make it due at once: what went wrong may be what has changed.
        """
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        delay_s = min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(count, 20)) * self._jitter()
        self._release(key)
        self.add_after(key, delay_s)
        return delay_s

    def forget(self, key: Key) -> None:
        """The object is gone: drop what is remembered of it."""
        self._failures.pop(key, None)
        self._delayed.pop(key, None)

    def _release(self, key: Key) -> None:
        self._held.discard(key)
        if key in self._due_since:
            self._ready.append(key)
            self._arrival.set()

    def _wake(self) -> None:
        self._timer = None
        now = self._clock()
        while self._heap and (self._heap[0][0] <= now or self._stale(self._heap[0])):
            entry = heapq.heappop(self._heap)
            if not self._stale(entry):
                self.add(entry[2])
        self._set_timer()

    def _stale(self, entry: tuple[float, int, Key]) -> bool:
        at, _, key = entry
        return self._delayed.get(key) != at

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._heap:
            delay_s = max(0.0, self._heap[0][0] - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)
