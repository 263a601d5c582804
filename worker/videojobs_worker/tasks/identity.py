"""The worker of this process, made once after the fork."""

from __future__ import annotations

import os
import uuid
from functools import cache
from typing import TYPE_CHECKING

from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import WorkerIdentity
from videojobs_worker import settings as worker_settings
from videojobs_worker.connections import patient

if TYPE_CHECKING:
    from videojobs_worker.pipeline.job_runner import Worker


@cache
def worker(hostname: str) -> Worker:
    """The worker that a task of this process runs in. ``hostname`` is Celery's node name."""
    from videojobs_worker.pipeline.job_runner import Worker

    settings = worker_settings.load()
    client = patient(settings.redis_url)
    identity = WorkerIdentity(hostname, settings.pod, settings.node)
    process = f"{hostname}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
    return Worker(settings, client, identity, process, Claims(client))
