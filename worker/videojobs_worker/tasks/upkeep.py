"""The tasks that keep a plain Celery installation well; beat sends them."""

from __future__ import annotations

from typing import Any

from celery import Task, current_app

from videojobs_worker.tasks import arguments
from videojobs_worker.tasks.identity import worker


@current_app.task(name="cleanup_task", bind=True)  # type: ignore[untyped-decorator]
def cleanup_task(self: Task, max_age_days: float = 7, max_size_gb: float = 50) -> dict[str, Any]:
    """Delete what is old or too much in the temp, render and preview folders, and nothing that a running job uses."""
    from videojobs_worker.cleanup import clean, live_jobs

    form = {"max_age_days": max_age_days, "max_size_gb": max_size_gb}
    age_days, size_gb = arguments.MAX_AGE_DAYS.read(form), arguments.MAX_SIZE_GB.read(form)
    running = worker(self.request.hostname)
    return clean(running.settings, live_jobs(running.client), age_days, size_gb)


@current_app.task(name="monitor_resources_task", bind=True)  # type: ignore[untyped-decorator]
def monitor_resources_task(self: Task) -> dict[str, Any]:
    """Gather what all workers tell of their machines, publish it, return it."""
    from videojobs_worker.monitor import aggregate, heartbeats, measure, publish

    running = worker(self.request.hostname)
    told = {beat.hostname: beat.resources for beat in heartbeats(running.client) if beat.resources}
    resources = aggregate({**told, self.request.hostname: measure(running.settings.temp_dir)})
    publish(running.client, resources)
    return resources
