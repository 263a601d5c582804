"""A Celery worker process on a Redis of its own, and a plain client that sends it tasks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from celery import Celery

from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.progress import TaskStatus

QUEUES = "render_queue,preview_queue,transcode_queue,caption_queue,celery"


@dataclass(frozen=True)
class Served:
    """A worker that waits for work."""

    folder: Path
    process: subprocess.Popen[bytes]
    client: redis.Redis
    app: Celery

    def send(self, task: str, queue: str, *arguments: object) -> str:
        """Send a task as plain clients do; returns its id."""
        task_id = str(uuid.uuid4())
        self.app.send_task(task, list(arguments), task_id=task_id, queue=queue)
        return task_id

    def follow(self, task_id: str, timeout_s: float = 300) -> Iterator[TaskStatus]:
        """What is told of a task from now on, to its last word."""
        with self.client.pubsub(ignore_subscribe_messages=True) as listener:  # type: ignore[no-untyped-call]
            listener.subscribe(keys.task_progress(task_id))
            deadline = time.monotonic() + timeout_s
            text = self.client.get(keys.task_status(task_id))
            while time.monotonic() < deadline:
                if isinstance(text, bytes | str):
                    yield (status := TaskStatus.from_json(text))
                    if status.final:
                        return
                message = listener.get_message(timeout=1.0)
                text = message["data"] if message else None
        raise SystemExit(f"task {task_id} came to no end in {timeout_s:.0f} s")

    def finish(self, task_id: str) -> TaskStatus:
        """Its last word; a failure ends the benchmark."""
        *_, last = self.follow(task_id)
        if last.status != "completed":
            raise SystemExit(f"the worker failed: {last.failure}")
        return last


@contextmanager
def served(more: Mapping[str, str] | None = None, *options: str) -> Iterator[Served]:
    """Start a worker of one process with Celery's ``options`` and ``more`` in its environment; stop it afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name,
        RedisServer() as server,
        server.client() as client,
    ):
        folder = Path(name)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "REDIS_URL": server.url,
            "VIDEOJOBS_MEDIA_ROOTS": name,
            "TEMP_DIR": f"{name}/temp",
            "RENDER_DIR": f"{name}/made",
            "PREVIEW_DIR": f"{name}/made",
            "RATE_LIMITS": "off",
            **(more or {}),
        }
        arguments = ["-A", "videojobs_worker.celery_app", "worker", "-Q", QUEUES, "--concurrency=1"]
        command = [sys.executable, "-m", "celery", *arguments, "--loglevel=error", *options]
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command], env=environment)
        app = Celery("bench", broker=server.url, backend=server.url, set_as_current=False)
        try:
            yield Served(folder, process, client, app)
        finally:
            app.close()
            process.terminate()
            process.wait()
