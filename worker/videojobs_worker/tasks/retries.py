"""How direct tasks try again: with exponential backoff and full jitter, and only after errors that may pass."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

import redis
from celery import Task

from videojobs_protocol.claims import LEASE_S
from videojobs_protocol.queues import user_priority

MAX_RETRIES: Final = 3
BACKOFF_BASE_S: Final = 2.0
BACKOFF_MAX_S: Final = 300.0
#: How the message of another try is sent where the broker is away, too: for about two minutes.
_SENDING: Final = {"max_retries": 30, "interval_start": 0.2, "interval_step": 1.0, "interval_max": 5.0}


class WorkError(Exception):
    """The work failed for good; the text begins with the reason."""


def backoff_s(retries: int, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds until the next try: full jitter over an exponentially growing window."""
    return draw(0.0, min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2**retries))


def again(task: Task, error: Exception, least_s: float = 0.0) -> Any:
    """Send the running task back and return what it must raise.

    Raises:
        Exception: ``error`` itself, where it was tried often enough.
    """
    priority = user_priority((task.request.delivery_info or {}).get("priority"))
    countdown = least_s + backoff_s(task.request.retries)
    return task.retry(exc=error, countdown=countdown, priority=priority, retry=True, retry_policy=_SENDING)


@contextlib.contextmanager
def redis_awaited(task: Task) -> Iterator[None]:
    """Try again where Redis was away; what was committed is adopted then.

    Not before the claim that could not be given back has run out: another process would be told that the task is
    taken, and drop it.
    """
    try:
        yield
    except redis.RedisError as error:
        raise again(task, error, least_s=LEASE_S) from error
