"""Messages that nobody wants any more, taken out of their queues: else they would count as work there is.

In passing and best effort: what is left behind meets the mark of its cancelling, or a claim.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Final

from videojobs_operator.clients.redis import Redis, RedisAway
from videojobs_operator.telemetry import logs

#: One look through a queue serves all that came in this while.
TOGETHER_S: Final = 0.25

log = logs.logger(__name__)


class Withdrawals:
    """Takes wishes at once; :meth:`run` fulfils them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._unwanted: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._arrival = asyncio.Event()

    def add(self, queue: str, task_id: str, keep: str = "") -> None:
        """Have a task's messages taken out of a queue, but for the list that is called ``keep``."""
        if queue:
            self._unwanted[queue][task_id] = keep
            self._arrival.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._arrival.wait()
            await asyncio.sleep(TOGETHER_S)
            self._arrival.clear()
            await self._withdraw()

    async def _withdraw(self) -> None:
        while self._unwanted:
            queue, unwanted = self._unwanted.popitem()
            try:
                count = await self._redis.withdraw(queue, unwanted)
            except RedisAway as error:
                log.warning("Left unwanted messages in their queue", queue=queue, error=str(error))
            else:
                log.debug("Withdrew messages", queue=queue, tasks=len(unwanted), messages=count)
