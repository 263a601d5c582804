"""A real Celery worker on a real Redis, as a user would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
import redis
from celery import Celery

from tests.support import clips
from tests.support.redis_server import RedisServer
from tests.support.s3_server import S3Server
from tests.support.web_server import WebServer
from videojobs_protocol import keys
from videojobs_protocol.attempt import Attempt
from videojobs_protocol.heartbeat import Heartbeat
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.queues import RUN_ATTEMPT_TASK, queue_name
from videojobs_protocol.work import Work, kind_of

T = TypeVar("T")
QUEUES = "render_queue,preview_queue,transcode_queue,caption_queue,celery"


def eventually(observe: Callable[[], T], accept: Callable[[T], object] = bool, within_s: float = 30) -> T:
    """Ask again until the answer is accepted; the last answer is the error's text."""
    deadline = time.monotonic() + within_s
    while True:
        seen = observe()
        if accept(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {within_s} s; last seen: {seen!r:.1000}"
        time.sleep(0.05)


@dataclass
class CeleryWorker:
    """A Celery worker process with its children."""

    environment: dict[str, str]
    python: str = sys.executable
    name: str = field(default_factory=lambda: f"worker@{uuid.uuid4().hex[:8]}")
    process: subprocess.Popen[bytes] | None = None

    def start(self, concurrency: int = 1, queues: str = QUEUES) -> None:
        command = [
            "setpriv", "--pdeathsig", "KILL", "--", self.python, "-m", "celery",
            "-A", "videojobs_worker.celery_app", "worker", "-Q", queues, f"--concurrency={concurrency}",
            f"--hostname={self.name}", "--without-gossip", "--without-mingle", "--loglevel=info",
        ]  # fmt: skip
        log = Path(self.environment["TEMP_DIR"]) / "worker.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def ffmpegs(self) -> list[psutil.Process]:
        """The ffmpeg processes that came from this worker, also those whose parent is gone."""
        return [process for process in psutil.process_iter(["name", "environ"]) if self._mine(process)]

    def _mine(self, process: psutil.Process) -> bool:
        environ = process.info["environ"] or {}
        return process.info["name"] == "ffmpeg" and environ.get("TEMP_DIR") == self.environment["TEMP_DIR"]

    def kill_9(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self.process
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill_9()


@dataclass
class Bench:
    """What a test needs: a folder, Redis, a client."""

    folder: Path
    client: redis.Redis
    app: Celery
    environment: dict[str, str]

    def uri(self, name: str) -> str:
        return f"file://{self.folder}/{name}"

    def send(
        self, work: Work, *, number: int = 1, uid: str | None = None, queue: str | None = None, **more: Any
    ) -> Attempt:
        """Send an attempt as the operator does; to its kind's queue, or to a worker's own."""
        attempt = Attempt(uid or str(uuid.uuid4()), "default", "test", number, work, **more)
        self.app.send_task(
            RUN_ATTEMPT_TASK,
            args=[attempt.to_dict()],
            task_id=attempt.task_id,
            queue=queue or queue_name(kind_of(work)),
        )
        return attempt

    def status(self, task_id: str) -> TaskStatus | None:
        text = self.client.get(keys.task_status(task_id))
        return TaskStatus.from_json(text) if text else None

    def until_final(self, task_id: str, within_s: float = 60) -> TaskStatus:
        status = eventually(lambda: self.status(task_id), lambda seen: seen and seen.final, within_s)
        assert status
        return status

    def until_encoding(self, task_id: str) -> None:
        eventually(lambda: self.status(task_id), lambda seen: seen and seen.progress > 2)

    def heartbeat(self, worker: CeleryWorker) -> Heartbeat | None:
        text = self.client.get(keys.worker(worker.name))
        return Heartbeat.from_json(text) if text else None

    def run(self, work: Work, **more: Any) -> TaskStatus:
        return self.until_final(self.send(work, **more).task_id)

    def files(self) -> list[str]:
        """All files of the test's folder, hidden ones too."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def environment(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    base = tmp_path_factory.mktemp("worker")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "REDIS_URL": redis_server.url,
        "VIDEOJOBS_MEDIA_ROOTS": str(base.parent),
        "TEMP_DIR": str(base / "temp"),
        "RATE_LIMITS": "off",
    }


@pytest.fixture(scope="session")
def worker(environment: dict[str, str]) -> Iterator[CeleryWorker]:
    """The worker that most tests share."""
    running = CeleryWorker(environment)
    running.start(concurrency=2)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """clip.mp4 (2 s with sound), silent.mp4 (no sound), long.mp4 (slow to encode), grey.mp4 (frames by brightness)."""
    folder = tmp_path_factory.mktemp("sources")
    clips.clip(folder / "clip.mp4")
    clips.clip(folder / "silent.mp4", size="240x240", fps="30", sound=False)
    clips.clip(folder / "long.mp4", seconds=40, size="1280x720")
    clips.grey_clock(folder / "grey.mp4")
    return folder


@pytest.fixture
def bench(tmp_path: Path, redis_server: RedisServer, environment: dict[str, str]) -> Iterator[Bench]:
    client = redis_server.client()
    app = Celery("test", broker=redis_server.url, backend=redis_server.url, set_as_current=False)
    app.conf.broker_transport_options = {"priority_steps": list(range(10)), "sep": "\x06\x16"}
    yield Bench(tmp_path, client, app, environment)
    app.close()
    client.close()


@pytest.fixture
def own_worker(environment: dict[str, str], bench: Bench, tmp_path: Path) -> Iterator[CeleryWorker]:
    """A worker that a test may kill, on a Redis database of its own."""
    url = environment["REDIS_URL"].removesuffix("/0") + "/1"
    bench.client.connection_pool.connection_kwargs["db"] = 1
    bench.client.connection_pool.disconnect()
    bench.client.flushdb()
    bench.app.conf.broker_url = url
    running = CeleryWorker({**environment, "REDIS_URL": url, "TEMP_DIR": str(tmp_path / "temp")})
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running
