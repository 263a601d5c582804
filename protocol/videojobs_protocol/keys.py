"""Redis keys and channels. The first block is known to plain Celery clients and never changes."""

from __future__ import annotations

from typing import Final

SYSTEM_RESOURCES: Final = "system_resources"
RESOURCE_MONITOR_CHANNEL: Final = "resource_monitor"
TASK_PROGRESS_PATTERN: Final = "task_progress:*"

#: How long the last word on a task stays readable.
STATUS_TTL_S: Final = 86_400


def task_status(task_id: str) -> str:
    """Key of the last :class:`~videojobs_protocol.progress.TaskStatus` of a task, as JSON."""
    return f"task_status:{task_id}"


def task_progress(task_id: str) -> str:
    """Channel on which every change of that status is published."""
    return f"task_progress:{task_id}"


#: Set of the host names of workers that have reported; pruned by readers.
WORKERS: Final = "videojobs:workers"


def worker(hostname: str) -> str:
    """Key of a worker's last heartbeat; it expires when the worker falls silent."""
    return f"videojobs:worker:{hostname}"


def claim(job_uid: str) -> str:
    """Key of the lease on a job: at most one worker holds it."""
    return f"videojobs:claim:{job_uid}"


def cancel(task_id: str) -> str:
    """Key that tells workers to drop or stop a task."""
    return f"videojobs:cancel:{task_id}"


def turns(kind: str) -> str:
    """Key of the latest turns of a kind of direct task, Unix seconds, oldest first."""
    return f"videojobs:turns:{kind}"
