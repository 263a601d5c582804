"""What operators type: the celery commands that they know, against a real worker."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from videojobs_protocol import keys

DIRECT_TASKS = (
    "render_video_task", "generate_preview_task", "transcode_task", "caption_task", "batch_render_task",
    "cleanup_task", "monitor_resources_task",
)  # fmt: skip


#: ``control shutdown`` ends so, since a worker that leaves does not answer.
NO_REPLY = 69


def celery(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "celery", "-A", "videojobs_worker.celery_app", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_inspect_and_control(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    arguments = [str(sources / "long.mp4"), {"codec": "h265"}]
    bench.app.send_task("transcode_task", arguments, queue="transcode_queue", task_id="seen")
    bench.until_encoding("seen")

    there = ("--timeout=20", f"--destination={own_worker.name}")

    def inspect(what: str) -> str:
        told = json.loads(celery(own_worker.environment, "inspect", what, "--json", *there))
        return json.dumps(told[own_worker.name])

    assert '"id": "seen"' in inspect("active")
    registered = inspect("registered")
    assert all(task in registered for task in DIRECT_TASKS)
    assert '"max-concurrency": 1' in inspect("stats")
    assert '"name": "caption_queue"' in inspect("active_queues")
    assert inspect("scheduled") == "[]"
    bench.client.set(keys.cancel("seen"), 1)
    celery(own_worker.environment, "control", "shutdown", code=NO_REPLY)
    assert own_worker.process
    assert own_worker.process.wait(60) == 0


def test_call(own_worker: CeleryWorker, bench: Bench) -> None:
    task_id = celery(own_worker.environment, "call", "monitor_resources_task").strip()
    eventually(lambda: bench.client.exists(keys.SYSTEM_RESOURCES))
    assert bench.client.exists(f"celery-task-meta-{task_id}")


@pytest.mark.parametrize(("queues", "left"), [((), [1, 0]), (("-Q", "transcode_queue,celery"), [0, 0])])
def test_purge(environment: dict[str, str], bench: Bench, queues: tuple[str, ...], left: list[int]) -> None:
    """Without ``-Q`` it empties Celery's default queue alone."""
    environment = {**environment, "REDIS_URL": environment["REDIS_URL"].removesuffix("/0") + "/2"}
    send = (
        "from videojobs_worker.celery_app import cleanup_task, transcode_task\n"
        "cleanup_task.delay(); transcode_task.delay('/x.mp4', {})"
    )
    bench.client.connection_pool.connection_kwargs["db"] = 2
    bench.client.connection_pool.disconnect()
    bench.client.flushdb()
    subprocess.run([sys.executable, "-c", send], env=environment, check=True, timeout=60)
    lengths = [bench.client.llen(queue) for queue in ("transcode_queue", "celery")]
    assert lengths == [1, 1]
    celery(environment, "purge", "-f", *queues)
    assert [bench.client.llen(queue) for queue in ("transcode_queue", "celery")] == left
