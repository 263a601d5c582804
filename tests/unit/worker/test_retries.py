"""How direct tasks try again."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from videojobs_protocol.claims import LEASE_S
from videojobs_worker.tasks.retries import BACKOFF_MAX_S, again, backoff_s, redis_awaited


class SentBack(Exception):  # noqa: N818 - no error
    """What Celery raises to leave a task that will be tried again."""


class Task:
    """A running task that remembers how it was sent back."""

    def __init__(self, retries: int = 0, priority: int | None = None) -> None:
        self.request = type("Request", (), {"retries": retries, "delivery_info": {"priority": priority}})
        self.sent: dict[str, Any] = {}

    def retry(self, **options: Any) -> SentBack:
        self.sent = options
        return SentBack()


@pytest.mark.parametrize(("retries", "window_s"), [(0, 2), (1, 4), (2, 8), (3, 16), (7, 256), (8, BACKOFF_MAX_S)])
def test_the_window_doubles_up_to_its_cap(retries: int, window_s: float) -> None:
    assert backoff_s(retries, max) == window_s
    assert backoff_s(retries, min) == 0


def test_jitter_is_full() -> None:
    drawn = [backoff_s(3) for _ in range(1000)]
    assert 0 <= min(drawn) < 2
    assert 14 < max(drawn) <= 16


@pytest.mark.parametrize(("broker", "user"), [(None, None), (0, 9), (9, 0)])
def test_another_try_keeps_its_priority(broker: int | None, user: int | None) -> None:
    task = Task(priority=broker)
    assert isinstance(again(task, ValueError()), SentBack)  # type: ignore[arg-type]
    assert task.sent["priority"] == user


@pytest.mark.parametrize("error", [redis.ConnectionError("gone"), redis.TimeoutError("silent")])
def test_a_redis_that_was_away_is_no_failure(error: redis.RedisError) -> None:
    task = Task()
    with pytest.raises(SentBack), redis_awaited(task):  # type: ignore[arg-type]
        raise error
    assert task.sent["exc"] is error
    assert task.sent["countdown"] >= LEASE_S  # the claim that was left has run out by then


def test_other_errors_are_not_awaited() -> None:
    with pytest.raises(ValueError, match="wrong"), redis_awaited(Task()):  # type: ignore[arg-type]
        raise ValueError("wrong")
