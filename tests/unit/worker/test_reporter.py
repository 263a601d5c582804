"""What a worker says reaches Redis, and a Redis that is away holds nothing up."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import redis

from videojobs_protocol.progress import Failure, TaskStatus, WorkerIdentity
from videojobs_worker.pipeline import reporter as reporters
from videojobs_worker.pipeline.reporter import TELL_FOR_S, Reporter

WORKER = WorkerIdentity("celery@test")
FAILURE = Failure("SourceNotFound", "no such file", retryable=False)
#: The longest that a test waits.
DEADLINE_S = 20.0


class Recorded:
    """Takes the place of publishing: keeps what was told; fails, or waits, as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[TaskStatus] = []
        self.failing = 0
        self.open = threading.Event()
        self.open.set()
        monkeypatch.setattr(reporters, "publish", self.publish)

    def publish(self, _: Any, status: TaskStatus) -> None:
        assert self.open.wait(DEADLINE_S)
        if self.failing:
            self.failing -= 1
            raise redis.ConnectionError("gone")
        self.told.append(status)

    def until(self, count: int) -> list[TaskStatus]:
        limit = time.monotonic() + DEADLINE_S
        while len(self.told) < count:
            assert time.monotonic() < limit, self.told
            time.sleep(0.005)
        return self.told


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    return Recorded(monkeypatch)


def reporter(**more: Any) -> Reporter:
    return Reporter(redis.Redis(), "task", WORKER, **more)


def test_every_stage_is_told_in_order(recorded: Recorded) -> None:
    with reporter() as telling:
        for stage in ("Fetching", "Probing", "Encoding"):
            telling.stage(stage, "")
        assert [each.stage for each in recorded.until(3)] == ["Fetching", "Probing", "Encoding"]


def test_a_redis_that_hangs_holds_no_work_up_and_gets_the_last_word_last(recorded: Recorded) -> None:
    recorded.open.clear()
    with reporter() as telling:
        for percent in range(1000):
            telling.stage("Encoding", "", percent / 10)  # at once, although nobody listens
        threading.Timer(0.05, recorded.open.set).start()
        telling.failed(FAILURE)
    assert recorded.told[-1].status == "failed"
    assert [each.status for each in recorded.told].count("failed") == 1


def test_progress_is_lost_while_redis_is_away_and_told_again_when_it_is_back(recorded: Recorded) -> None:
    recorded.failing = 1
    with reporter() as telling:
        telling.stage("Fetching", "")
        while recorded.failing:
            time.sleep(0.005)
        telling.stage("Encoding", "")
        assert recorded.until(1)[0].stage == "Encoding"


def test_the_last_word_waits_for_redis(recorded: Recorded) -> None:
    recorded.failing, pauses = 5, list[float]()
    assert reporter(pause=pauses.append).failed(FAILURE).status == "failed"
    assert (len(recorded.told), len(pauses)) == (1, 5)


def test_not_for_ever(recorded: Recorded) -> None:
    recorded.failing, now = 10**9, [0.0]

    def pause(_: float) -> None:
        now[0] += TELL_FOR_S

    with pytest.raises(redis.ConnectionError):
        reporter(clock=lambda: now[0], pause=pause).failed(FAILURE)
