"""The worker's pipeline in this process, on a Redis of its own: one job at a time, without Celery."""

from __future__ import annotations

import tempfile
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


@dataclass(frozen=True)
class Pipeline:
    """A worker and the folder that it may read and write."""

    folder: Path
    worker: Worker

    def prepare(self) -> None:
        """What the worker does between its tasks."""
        PROBER.prepare(self.worker.settings.temp_dir)

    def attempt(self, work: Work, within_s: float | None = None) -> TaskStatus:
        """Run a job, within so many seconds if need be, and say how it ended."""
        name = str(uuid.uuid4())
        status = run_job(self.worker, Job(name, f"{name}-1", 1, work, timeout_s=within_s))
        assert status is not None, "another worker has the job"
        return status


@contextmanager
def pipeline() -> Iterator[Pipeline]:
    """Ready to run in a folder of its own; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="videojobs-pipeline-") as name, pipeline_in(Path(name)) as running:
        yield running


@contextmanager
def pipeline_in(folder: Path) -> Iterator[Pipeline]:
    """Ready to run in a folder."""
    with RedisServer() as server, server.client() as client:
        environment = {
            "REDIS_URL": server.url, "VIDEOJOBS_MEDIA_ROOTS": str(folder), "TEMP_DIR": str(folder / "temp"),
        }  # fmt: skip
        worker = Worker(load(environment), client, WorkerIdentity("pipeline"), "pipeline/1", Claims(client))
        try:
            yield Pipeline(folder, worker)
        finally:
            PROBER.leave()
