"""Connections to Redis: a patient one for what must be said, a prompt one for what must not wait."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

#: A Redis that hangs is given up by those who cannot wait for it.
PROMPT_S = 4.0


def patient(url: str) -> redis.Redis:
    """Tries again as redis-py does: for a minute where Redis refuses, for minutes where it hangs."""
    return redis.Redis.from_url(url, socket_timeout=15, socket_connect_timeout=5, health_check_interval=10)


def prompt(url: str) -> redis.Redis:
    """Tries once: redis-py's own ten tries would hold a lease or a heartbeat up for minutes."""
    return redis.Redis.from_url(
        url, socket_timeout=PROMPT_S, socket_connect_timeout=PROMPT_S, retry=Retry(NoBackoff(), 0)
    )
