"""The last word on a direct task whose process could not say it: revoked, killed, or broken before its work began.

Celery tells the worker's main process of these. Attempts of VideoJobs are left alone: the operator waits until the
claim of a dead worker has run out, since no other may begin before; a word of ours would make it try too early.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import redis
from celery import signals
from celery.exceptions import WorkerLostError

from videojobs_protocol import keys
from videojobs_protocol.progress import CANCELLED, Failure, TaskStatus
from videojobs_worker import settings as worker_settings
from videojobs_worker.connections import prompt

if TYPE_CHECKING:
    from redis.client import Pipeline

log = logging.getLogger(__name__)
DIRECT_TASKS: Final = frozenset(
    {"render_video_task", "batch_render_task", "generate_preview_task", "transcode_task", "caption_task"}
)


@signals.task_revoked.connect  # type: ignore[untyped-decorator]
def tell_revoked(sender: Any, request: Any, expired: bool = False, **_: Any) -> None:
    """``revoke()``, before its start or with ``terminate=True``, or ``expires`` was reached."""
    text = "it expired before a worker took it" if expired else "revoked on request"
    _tell(sender.name, request.id, Failure(CANCELLED, text, retryable=False))


@signals.task_failure.connect  # type: ignore[untyped-decorator]
def tell_failed(sender: Any, task_id: str, exception: BaseException, **_: Any) -> None:
    """Its process died, or it raised what no pipeline has spoken of."""
    if isinstance(exception, WorkerLostError):
        failure = Failure("WorkerLost", f"the process that ran it died: {exception}", retryable=True)
    elif isinstance(exception, TypeError | ValueError):
        failure = Failure("InvalidArguments", str(exception), retryable=False)
    else:
        failure = Failure("InternalError", f"{type(exception).__name__}: {exception}", retryable=True)
    _tell(sender.name, task_id, failure)


def _tell(task: str, task_id: str, failure: Failure) -> None:
    if task not in DIRECT_TASKS:
        return
    try:
        with prompt(worker_settings.load().redis_url) as client:
            end(client, task_id, failure)
    except redis.RedisError as error:
        log.warning("Could not say how task %s ended: %s", task_id, error)


def end(client: redis.Redis, task_id: str, failure: Failure) -> None:
    """Say that a task failed, unless its last word has been said."""
    key, channel = keys.task_status(task_id), keys.task_progress(task_id)

    def say(pipeline: Pipeline) -> None:
        before = _said(pipeline.get(key), task_id)
        pipeline.multi()
        if before.final:
            return
        changes: dict[str, Any] = {"status": "failed", "message": failure.message, "failure": failure, "stage": ""}
        text = replace(before, **changes, eta_s=None, updated_at=time.time()).to_json()
        pipeline.set(key, text, ex=keys.STATUS_TTL_S)
        pipeline.publish(channel, text)

    client.transaction(say, key)


def _said(text: Any, task_id: str) -> TaskStatus:
    try:
        return TaskStatus.from_json(text) if text else TaskStatus(task_id, "queued")
    except ValueError:
        return TaskStatus(task_id, "queued")
