"""The worker of this process, made once after the fork."""

from __future__ import annotations

import os
import uuid
from functools import cache
from typing import TYPE_CHECKING

import redis

from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import WorkerIdentity
from videojobs_worker import settings as worker_settings

if TYPE_CHECKING:
    from videojobs_worker.pipeline.runner import Worker


@cache
def worker(hostname: str) -> Worker:
    """The worker that a task of this process runs in. ``hostname`` is Celery's node name."""
    from videojobs_worker.pipeline.runner import Worker

    settings = worker_settings.load()
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=15, socket_connect_timeout=5, health_check_interval=10
    )
    identity = WorkerIdentity(hostname, settings.pod, settings.node)
    process = f"{hostname}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
    return Worker(settings, client, identity, process, Claims(client))
