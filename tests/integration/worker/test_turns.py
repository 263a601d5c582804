"""Rate limits hold over all workers, and a task that waits for its turn leaves the worker to others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from celery import Celery

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_worker.settings import Rate
from videojobs_worker.tasks.turns import reserve

TIMEOUT_S = 60


@pytest.fixture
def client(bench: Bench) -> Iterator[Celery]:
    bench.client.flushall()
    yield bench.app
    bench.client.flushall()


@pytest.fixture
def workers(environment: dict[str, str], client: Celery) -> Iterator[list[CeleryWorker]]:
    """Two workers of one process each; one transcode may begin in a minute."""
    limited = {**environment, "RATE_LIMITS": "on", "TRANSCODE_RATE_LIMIT": "1/m"}
    both = [CeleryWorker(limited), CeleryWorker(limited)]
    for worker in both:
        worker.start()
    yield both
    for worker in both:
        worker.stop()


@pytest.mark.usefixtures("workers")
def test_a_limit_holds_over_all_workers_and_holds_no_slot(client: Celery, bench: Bench, sources: Path) -> None:
    clip = str(sources / "clip.mp4")
    sent = [client.send_task("transcode_task", [clip, {"height": 90}], queue="transcode_queue") for _ in range(4)]

    def states() -> dict[str, int]:
        found: dict[str, int] = {}
        for status in filter(None, (bench.status(task.id) for task in sent)):
            found[status.status] = found.get(status.status, 0) + 1
        return found

    eventually(states, lambda seen: seen == {"completed": 1, "queued": 3}, TIMEOUT_S)
    waiting = next(status for task in sent if (status := bench.status(task.id)) and status.status == "queued")
    assert "transcode is limited to 1/m" in waiting.message
    for _ in range(2):  # one for each worker
        made = client.send_task("generate_preview_task", [clip], {"num_frames": 1}, queue="preview_queue")
        assert len(made.get(timeout=TIMEOUT_S)["preview_paths"]) == 1
    assert states() == {"completed": 1, "queued": 3}


def test_no_window_ever_holds_more_than_its_rate(redis_server: RedisServer) -> None:
    rate = Rate(3, 60.0)
    with redis_server.client() as connection:
        connection.delete(keys.turns("caption"))
        with ThreadPoolExecutor(8) as pool:
            turns = sorted(pool.map(lambda _: reserve(connection, "caption", rate)[0], range(20)))
        assert all(later - earlier >= rate.period_s - 1e-3 for earlier, later in zip(turns, turns[3:], strict=False))
        assert turns[-1] - turns[0] == pytest.approx(6 * 60, abs=5)
        assert 0 < connection.ttl(keys.turns("caption")) <= 7 * 60
