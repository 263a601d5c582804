"""Kubernetes Events: told in passing, never waited for, and dropped when there are too many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import ApiError, Kubernetes, Object
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.core.effects import Emit
from videojobs_operator.resources.events import build_event
from videojobs_operator.telemetry import logs

RATE: Final = 25.0
BURST: Final = 50
#: More than these wait for nobody: they are the least of one's worries then.
WAITING: Final = 1000

log = logs.logger(__name__)


class EventRecorder:
    """Takes events at once; :meth:`run` sends them at a bounded rate."""

    def __init__(self, api: Kubernetes, clock: Callable[[], float]) -> None:
        self._api = api
        self._bucket = TokenBucket(RATE, BURST, clock)
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING)

    def record(self, about: Object, emit: Emit) -> None:
        """Tell of something that happened to an object."""
        try:
            self._waiting.put_nowait(build_event(about, emit, datetime.now(UTC)))
        except asyncio.QueueFull:
            log.debug("Dropped an event", name=about["metadata"]["name"], reason=emit.reason)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            event = await self._waiting.get()
            await self._bucket.take()
            try:
                await self._api.create(kubernetes.EVENTS, event["metadata"]["namespace"], event)
            except ApiError as error:
                # The namespace may be going away, or the API server: an event is worth no second try.
                log.debug("Could not record an event", error=str(error))
