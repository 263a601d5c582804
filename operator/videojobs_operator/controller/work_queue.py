"""The work queue: which objects are due for a reconcile, when, and in which lane.

Keys, not objects: a key that is added many times is worked on once, with what is then true. No two workers
ever hold the same key. Asyncio's own timer wheel is not used a key: one heap and one timer serve all.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from videojobs_operator.controller.lanes import Lane

Key = TypeVar("Key", bound=Hashable)

FIRST_BACKOFF_S: Final = 0.05
LAST_BACKOFF_S: Final = 30.0


class WorkQueue(Generic[Key]):
    """Due keys. Get one of a lane with :meth:`get`, give it back with :meth:`done` or :meth:`failed`.

    ``clock`` gives seconds, monotonic; ``lane_of`` the lane of a key that is added without one; ``jitter`` a factor
    for backoffs, by default 0.5 to 1.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        lane_of: Callable[[Key], Lane],
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311
    ) -> None:
        self._clock = clock
        self._lane_of = lane_of
        self._jitter = jitter
        self._ready: dict[Lane, deque[Key]] = {lane: deque() for lane in Lane}
        self._arrivals = {lane: asyncio.Event() for lane in Lane}
        self._due: dict[Key, tuple[Lane, float]] = {}  # since when; in _ready, or to be again when given back
        self._held: set[Key] = set()
        self._delayed: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []  # stale entries are skipped
        self._order = 0
        self._failures: dict[Key, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due)

    def depths(self) -> dict[Lane, int]:
        """How many keys are due in each lane."""
        counts = Counter(lane for lane, _ in self._due.values())
        return {lane: counts[lane] for lane in Lane}

    def add(self, key: Key, lane: Lane | None = None) -> None:
        """Due now; where it is due already, in the more urgent lane of the two."""
        self._delayed.pop(key, None)
        lane = self._lane_of(key) if lane is None else lane
        due = self._due.get(key)
        if due is not None and due[0] <= lane:
            return
        self._due[key] = (lane, due[1] if due else self._clock())
        if key not in self._held:
            self._offer(key, lane)

    def add_after(self, key: Key, delay_s: float) -> None:
        """Due in a while, or at the time that stands already if that is sooner."""
        if delay_s <= 0:
            self.add(key)
            return
        at = self._clock() + delay_s
        if key in self._due or self._delayed.get(key, float("inf")) <= at:
            return
        self._delayed[key] = at
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, key))
        if self._heap[0][2] == key:
            self._set_timer()

    async def get(self, lane: Lane) -> tuple[Key, float]:
        """The lane's next key, held until given back, and for how many seconds it has been due."""
        while True:
            while not self._ready[lane]:
                self._arrivals[lane].clear()
                await self._arrivals[lane].wait()
            key = self._ready[lane].popleft()
            due = self._due.get(key)
            if due is not None and due[0] is lane and key not in self._held:  # else it has changed lanes
                self._held.add(key)
                del self._due[key]
                return key, max(0.0, self._clock() - due[1])

    def done(self, key: Key, after_s: float | None = None) -> None:
        """Give back a key that went well; due again after ``after_s``, or only when added."""
        self._failures.pop(key, None)
        self._release(key)
        if after_s is not None:
            self.add_after(key, after_s)

    def failed(self, key: Key, at_least_s: float = 0.0) -> float:
        """Give back a key that went wrong; it is due again after a growing while, returned in seconds.

        News of the object still make it due at once: what went wrong may be what has changed.
        """
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        delay_s = min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(count, 20)) * self._jitter()
        delay_s = max(delay_s, at_least_s)
        self._release(key)
        self.add_after(key, delay_s)
        return delay_s

    def forget(self, key: Key) -> None:
        """The object is gone: drop what is remembered of it."""
        self._failures.pop(key, None)
        self._delayed.pop(key, None)

    def _offer(self, key: Key, lane: Lane) -> None:
        self._ready[lane].append(key)
        self._arrivals[lane].set()

    def _release(self, key: Key) -> None:
        self._held.discard(key)
        if due := self._due.get(key):
            self._offer(key, due[0])

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
