"""A token bucket with ranks: the API server gets a bounded rate of writes, the important ones first."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Callable


class TokenBucket:
    """``rate`` tokens a second, at most ``burst`` saved up. ``clock`` gives seconds, monotonic."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._filled_at = clock()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @contextlib.asynccontextmanager
    async def reserved(self, rank: int = 0) -> AsyncIterator[None]:
        """Wait for a token and keep it aside meanwhile; of those that wait, the lowest rank goes first.

        What is really used is told by :meth:`spend`: so nobody waits in the middle of its work.
        """
        await self.take(rank)
        try:
            yield
        finally:
            self._tokens += 1
            self._serve_waiting()

    async def take(self, rank: int = 0) -> None:
        """Wait for a token; of those that wait, the lowest rank goes first, then the first come."""
        self._fill()
        if not self._waiting and self._tokens >= 1:
            self._tokens -= 1
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._order), ticket))
        self._schedule()
        await ticket

    def spend(self) -> None:
        """A token now, on credit if need be: those who come next wait for longer."""
        self._fill()
        self._tokens -= 1

    def try_take(self, reserve: float = 0.5) -> bool:
        """A token for what can wait: only if nobody waits and that share of the burst is left over."""
        self._fill()
        if self._waiting or self._tokens - 1 < self._burst * reserve:
            return False
        self._tokens -= 1
        return True

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now

    def _serve(self) -> None:
        self._timer = None
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        self._fill()
        while self._waiting and self._tokens >= 1:
            _, _, ticket = heapq.heappop(self._waiting)
            if not ticket.done():  # whoever waited may have been cancelled
                self._tokens -= 1
                ticket.set_result(None)
        if self._waiting:
            self._schedule()

    def _schedule(self) -> None:
        if self._timer is None:
            delay_s = max(0.0, (1 - self._tokens) / self._rate)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._serve)
