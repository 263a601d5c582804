"""Rate limits hold over all workers, and a task that waits for its turn leaves the worker to others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from celery import Celery

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.progress import TaskStatus
from videojobs_worker.settings import Rate
from videojobs_worker.tasks.turns import reserve

TIMEOUT_S = 60


@pytest.fixture
def limited(tmp_path: Path, environment: dict[str, str]) -> Iterator[Bench]:
    """Two workers of one process each, which begin one transcode in a minute, on a Redis of their own."""
    with RedisServer() as server, server.client() as connection:
        limits = {"RATE_LIMITS": "on", "TRANSCODE_RATE_LIMIT": "1/m", "REDIS_URL": server.url}
        app = Celery("test", broker=server.url, backend=server.url, set_as_current=False)
        workers = [CeleryWorker({**environment, **limits}) for _ in range(2)]
        for worker in workers:
            worker.start()
        yield Bench(tmp_path, connection, app, environment)
        for worker in workers:
            worker.stop()
        app.close()


def test_a_limit_holds_over_all_workers_and_holds_no_slot(limited: Bench, sources: Path) -> None:
    send, clip = limited.app.send_task, str(sources / "clip.mp4")
    sent = [send("transcode_task", [clip, {"height": 90}], queue="transcode_queue") for _ in range(4)]

    def seen() -> list[TaskStatus]:
        return [status for task in sent if (status := limited.status(task.id))]

    one_of_four = ["completed", "queued", "queued", "queued"]
    eventually(seen, lambda statuses: sorted(status.status for status in statuses) == one_of_four, TIMEOUT_S)
    assert {status.message.partition(": ")[2] for status in seen() if status.status == "queued"} == {
        "transcode is limited to 1/m"
    }
    for _ in range(2):  # one for each worker
        made = send("generate_preview_task", [clip], {"num_frames": 1}, queue="preview_queue")
        assert len(made.get(timeout=TIMEOUT_S)["preview_paths"]) == 1
    assert sorted(status.status for status in seen()) == one_of_four


def test_no_window_ever_holds_more_than_its_rate(redis_server: RedisServer) -> None:
    rate = Rate(3, 60.0)
    with redis_server.client() as connection:
        connection.delete(keys.turns("caption"))
        with ThreadPoolExecutor(8) as pool:
            turns = sorted(pool.map(lambda _: reserve(connection, "caption", rate)[0], range(20)))
        assert all(later - earlier >= rate.period_s - 1e-3 for earlier, later in zip(turns, turns[3:], strict=False))
        assert turns[-1] - turns[0] == pytest.approx(6 * 60, abs=5)
        assert 0 < connection.ttl(keys.turns("caption")) <= 7 * 60
