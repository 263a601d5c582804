"""The task that the operator sends: one attempt of a VideoJob. It is never tried again from here."""

from __future__ import annotations

import logging
from typing import Any

import redis
from celery import Task, current_app

from videojobs_protocol.attempt import Attempt
from videojobs_protocol.queues import RUN_ATTEMPT_TASK
from videojobs_worker.tasks.identity import worker
from videojobs_worker.tasks.running import refusals_told

log = logging.getLogger(__name__)


@current_app.task(name=RUN_ATTEMPT_TASK, bind=True, ignore_result=True)  # type: ignore[untyped-decorator]
def run_attempt(self: Task, message: dict[str, Any]) -> None:
    """Run an attempt. What became of it stands in ``task_status:{id}``, where the operator reads it."""
    from videojobs_worker.pipeline.job import from_attempt
    from videojobs_worker.pipeline.job_runner import run_job

    running = worker(self.request.hostname)
    with refusals_told(running, self.request.id):  # of a newer operator, or of nobody's
        attempt = Attempt.from_dict(message)
    try:
        run_job(running, from_attempt(attempt))
    except redis.RedisError as error:
        # The claim runs out and the operator tries again; a commit that was made is adopted then.
        log.warning("Lost Redis while running attempt %s: %s", attempt.task_id, error)
