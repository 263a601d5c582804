"""Sending attempts to the workers, through Celery.

Celery's client blocks, so it lives in a thread of its own: one, since its connections are not for sharing.
A send that failed may have arrived all the same; the caller sends again with the same task id, and the claim
sees to it that one attempt runs once.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from celery import Celery
from kombu.exceptions import OperationalError

from videojobs_protocol import queues
from videojobs_protocol.attempt import Attempt

TIMEOUT_S: Final = 5.0


class BrokerAway(Exception):  # noqa: N818 - a state of the world, reads better so
    """The message could not be handed over (it may have arrived all the same)."""


class Broker:
    """Publishes to the queues of one broker."""

    def __init__(self, url: str) -> None:
        self._celery = Celery("videojobs-operator", broker=url, set_as_current=False)
        self._celery.conf.update(
            task_serializer="json",
            broker_connection_timeout=TIMEOUT_S,
            broker_transport_options={
                "priority_steps": list(queues.BROKER_PRIORITY_STEPS),
                "socket_timeout": TIMEOUT_S,
                "socket_connect_timeout": TIMEOUT_S,
                "health_check_interval": 10,
            },
        )
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="broker")

    async def publish(self, attempt: Attempt, queue: str, priority: int) -> None:
        """Send an attempt. ``priority`` is the user's, 0 to 10, higher first.

        Raises:
            BrokerAway: the broker did not take it in time.
        """
        await asyncio.get_running_loop().run_in_executor(
            self._thread, self._send, attempt, queue, queues.broker_priority(priority)
        )

    async def close(self) -> None:
        """Wait for what is being sent and close the connection."""
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)
        await asyncio.to_thread(self._celery.close)

    def _send(self, attempt: Attempt, queue: str, priority: int) -> None:
        message: dict[str, Any] = attempt.to_dict()
        try:
            self._celery.send_task(
                queues.RUN_ATTEMPT_TASK,
                args=[message],
                task_id=attempt.task_id,
                queue=queue,
                priority=priority,
                # What became of it stands in task_status and in the VideoJob.
                ignore_result=True,
                # The reconciler retries, with its own backoff and without holding this thread.
                retry=False,
            )
        except (OperationalError, OSError) as error:
            raise BrokerAway(f"{attempt.task_id} to {queue}: {type(error).__name__}: {error}") from error
