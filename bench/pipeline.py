"""The worker's pipeline in this process, timed: one job at a time, without Celery."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import pipeline as untimed
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import Work

#: A pause before each job, in which a waiting worker has become ready for it.
SETTLED_S = 0.3


class Pipeline(untimed.Pipeline):
    """A worker and the folder that it may read and write."""

    def run(self, work: Work) -> tuple[float, TaskStatus]:
        """Seconds that a job took, and how it ended; a failure ends the benchmark."""
        self.prepare()
        time.sleep(SETTLED_S)
        begun = time.monotonic()
        status = self.attempt(work)
        took = time.monotonic() - begun
        if status.status != "completed":
            raise SystemExit(f"the worker failed: {status.failure}")
        return took, status


@contextmanager
def pipeline() -> Iterator[Pipeline]:
    """Ready to run; everything is gone afterwards."""
    with untimed.pipeline() as made:
        yield Pipeline(made.folder, made.worker)
