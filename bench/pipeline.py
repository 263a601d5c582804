"""The worker's pipeline in this process, on a Redis of its own: one job at a time, without Celery."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.redis_server import RedisServer
from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import TaskStatus, WorkerIdentity
from videojobs_protocol.work import Work
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.job_runner import Worker, run_job
from videojobs_worker.probe.prober import PROBER
from videojobs_worker.settings import load

#: A pause before each job, in which a waiting worker has become ready for it.
SETTLED_S = 0.3


@dataclass(frozen=True)
class Pipeline:
    """A worker and the folder that it may read and write."""

    folder: Path
    worker: Worker

    def run(self, work: Work) -> tuple[float, TaskStatus]:
        """Seconds that a job took, and how it ended; a failure ends the benchmark."""
        PROBER.prepare(self.worker.settings.temp_dir)  # as the worker does between its tasks
        time.sleep(SETTLED_S)
        name = str(uuid.uuid4())
        begun = time.monotonic()
        status = run_job(self.worker, Job(name, f"{name}-1", 1, work))
        took = time.monotonic() - begun
        if status is None or status.status != "completed":
            raise SystemExit(f"the worker failed: {status and status.failure}")
        return took, status


@contextmanager
def pipeline() -> Iterator[Pipeline]:
    """Ready to run; everything is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name,
        RedisServer() as server,
        server.client() as client,
    ):
        folder = Path(name)
        environment = {
            "REDIS_URL": server.url, "VIDEOJOBS_MEDIA_ROOTS": str(folder), "TEMP_DIR": str(folder / "temp"),
        }  # fmt: skip
        worker = Worker(load(environment), client, WorkerIdentity("bench"), "bench/1", Claims(client))
        try:
            yield Pipeline(folder, worker)
        finally:
            PROBER.leave()
