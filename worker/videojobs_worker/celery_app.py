"""The Celery app: queues, priorities, and the tasks by the names that clients know.

Importable with celery and redis alone, so that a client can send tasks from a machine without ffmpeg.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from celery.schedules import schedule

from videojobs_protocol.queues import (
    BROKER_PRIORITY_STEPS,
    DEFAULT_QUEUE,
    PRIORITY_SEPARATOR,
    broker_priority,
)
from videojobs_worker import settings as worker_settings

#: Redis may hang without closing the connection; kombu would wait for ever (its default is no timeout).
SOCKET_TIMEOUT_S = 15


class PrioritisedTask(Task):  # type: ignore[misc]
    """A task whose ``priority`` is a user's: 0 to 10, 10 first. Without one it goes to the bare list."""

    def apply_async(self, *args: Any, priority: int | None = None, **options: Any) -> Any:
        """As Celery's, with the priority turned into the broker's scale."""
        if priority is not None:
            options["priority"] = broker_priority(priority)
        return super().apply_async(*args, **options)


def make_app(settings: worker_settings.Settings) -> Celery:
    """The app for given settings."""
    made = Celery("videojobs", task_cls=PrioritisedTask)
    transport = {
        "priority_steps": list(BROKER_PRIORITY_STEPS),
        "sep": PRIORITY_SEPARATOR,
        "queue_order_strategy": "priority",
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
    made.conf.update(
        broker_url=settings.broker_url,
        result_backend=settings.result_backend,
        broker_transport_options=transport,
        result_backend_transport_options={"socket_timeout": SOCKET_TIMEOUT_S},
        redis_socket_timeout=SOCKET_TIMEOUT_S,
        broker_connection_retry_on_startup=True,
        task_default_queue=DEFAULT_QUEUE,
        task_routes=ROUTES,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        result_expires=86_400,
        task_track_started=True,
        # Early acknowledgement and no prefetch: late ones make a second worker start a running job when a
        # connection breaks (celery 5935), and prefetched ones wait behind it.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_max_tasks_per_child=50,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        beat_schedule=SCHEDULE,
        timezone="UTC",
    )
    return made


ROUTES = {
    "render_video_task": {"queue": "render_queue"},
    "batch_render_task": {"queue": "render_queue"},
    "generate_preview_task": {"queue": "preview_queue"},
    "transcode_task": {"queue": "transcode_queue"},
    "caption_task": {"queue": "caption_queue"},
}
SCHEDULE = {
    "cleanup": {"task": "cleanup_task", "schedule": schedule(24 * 3600.0)},
    "monitor": {"task": "monitor_resources_task", "schedule": schedule(30.0)},
}

app = make_app(worker_settings.load())

from videojobs_worker import lifecycle  # noqa: E402, F401 - connects the worker's signals
from videojobs_worker.tasks import endings  # noqa: E402, F401 - likewise
from videojobs_worker.tasks.attempts import run_attempt  # noqa: E402
from videojobs_worker.tasks.batch import batch_render_task  # noqa: E402
from videojobs_worker.tasks.direct import (  # noqa: E402
    caption_task,
    generate_preview_task,
    render_video_task,
    transcode_task,
)
from videojobs_worker.tasks.upkeep import cleanup_task, monitor_resources_task  # noqa: E402

__all__ = [
    "app",
    "batch_render_task",
    "caption_task",
    "cleanup_task",
    "generate_preview_task",
    "monitor_resources_task",
    "render_video_task",
    "run_attempt",
    "transcode_task",
]
