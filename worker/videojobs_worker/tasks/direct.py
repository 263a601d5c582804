"""The tasks that plain Celery clients send, by the names, arguments and results that they know.

They try again by themselves, with exponential backoff and full jitter, and only for errors that may pass.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from celery import Task, current_app
from celery.exceptions import Ignore

from videojobs_protocol.attempt import GpuPolicy
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity
from videojobs_protocol.queues import user_priority
from videojobs_protocol.work import Work, kind_of
from videojobs_worker.tasks import arguments
from videojobs_worker.tasks.identity import worker
from videojobs_worker.tasks.turns import await_turn

MAX_RETRIES = 3
BACKOFF_BASE_S = 2.0
BACKOFF_MAX_S = 300.0


class WorkError(Exception):
    """The work failed for good; the text begins with the reason."""


def backoff_s(retries: int, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds until the next try: full jitter over an exponentially growing window."""
    return draw(0.0, min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2**retries))


@current_app.task(name="render_video_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def render_video_task(self: Task, job_data: dict[str, Any]) -> dict[str, Any]:
    """Cut and join scenes; the result holds ``output_path``."""
    gpu: GpuPolicy = "Preferred" if job_data.get("use_gpu") else "Never"
    outputs = _run(self, lambda folder, task_id: arguments.render(job_data, folder, task_id), "render", gpu)
    return _one(outputs)


@current_app.task(name="transcode_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def transcode_task(self: Task, video_path: str, output_format: dict[str, Any]) -> dict[str, Any]:
    """Encode a file anew; the result holds ``output_path``."""
    outputs = _run(
        self,
        lambda folder, task_id: arguments.transcode(video_path, output_format, folder, task_id),
        "render",
    )
    return _one(outputs)


@current_app.task(name="generate_preview_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def generate_preview_task(self: Task, video_path: str, num_frames: int = 10) -> dict[str, Any]:
    """Take still pictures; the result holds ``preview_paths``."""
    outputs = _run(self, lambda folder, task_id: arguments.preview(video_path, num_frames, folder, task_id), "preview")
    return {"preview_paths": [_path(output) for output in outputs]}


@current_app.task(name="caption_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def caption_task(
    self: Task,
    video_path: str,
    model: str = "base",
    language: str | None = None,
    translate: bool = False,
    engine: str | None = None,
) -> dict[str, Any]:
    """Write captions; the result holds ``srt_path``."""
    options = {"model": model, "language": language, "translate": translate, "engine": engine}
    outputs = _run(self, lambda folder, task_id: arguments.caption(video_path, options, folder, task_id), "render")
    return {"srt_path": _path(outputs[0])}


@current_app.task(name="batch_render_task", bind=True, max_retries=0)  # type: ignore[untyped-decorator]
def batch_render_task(self: Task, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Render each job in turn; a list in the same order, an entry with ``error`` where one failed."""
    running = worker(self.request.hostname)
    await_turn(self, running.client, "render", running.settings.rate_limits["render"])
    results = []
    for number, job_data in enumerate(jobs):
        try:
            gpu: GpuPolicy = "Preferred" if job_data.get("use_gpu") else "Never"
            build = _builder(job_data)
            results.append(_one(_run(self, build, "render", gpu, suffix=f"-{number}")))
        except (WorkError, OSError, ValueError) as error:
            results.append({"error": str(error)})
    return results


def _builder(job_data: dict[str, Any]) -> Callable[[Any, str], Work]:
    return lambda folder, task_id: arguments.render(job_data, folder, task_id)


def _run(
    task: Task,
    build: Callable[[Any, str], Work],
    folder: str,
    gpu: GpuPolicy = "Never",
    suffix: str = "",
) -> tuple[Output, ...]:
    from videojobs_worker.pipeline.job import Job
    from videojobs_worker.pipeline.runner import run_job

    running = worker(task.request.hostname)
    settings = running.settings
    task_id = f"{task.request.id}{suffix}"
    try:
        work = build(settings.preview_dir if folder == "preview" else settings.render_dir, task_id)
    except (ValueError, OSError) as error:
        _tell_refused(running.client, running.identity, task_id, error)
        raise
    if not suffix:
        await_turn(task, running.client, kind_of(work), settings.rate_limits[kind_of(work)])
    may_retry = task.request.retries < task.max_retries
    deadline = time.time() + settings.timeouts_s[kind_of(work)]
    job = Job(task_id, task_id, task.request.retries + 1, work, gpu, deadline)
    status = run_job(running, job, lambda failure: may_retry and failure.retryable)
    return _result(task, status)


def _tell_refused(client: Any, identity: WorkerIdentity, task_id: str, error: Exception) -> None:
    from videojobs_worker.pipeline.reporter import Reporter

    reason = "SourceNotFound" if isinstance(error, FileNotFoundError) else "InvalidArguments"
    Reporter(client, task_id, identity).failed(Failure(reason, str(error), retryable=False))


def _result(task: Task, status: TaskStatus | None) -> tuple[Output, ...]:
    if status is None:
        raise Ignore  # another worker has this task, and its result is the one to keep
    if status.status == "completed":
        return status.outputs
    failure = status.failure or Failure("InternalError", "no reason given", retryable=False)
    error = WorkError(f"{failure.reason}: {failure.message}")
    if status.status != "retrying":
        raise error
    priority = user_priority((task.request.delivery_info or {}).get("priority"))
    raise task.retry(exc=error, countdown=backoff_s(task.request.retries), priority=priority)


def _one(outputs: tuple[Output, ...]) -> dict[str, Any]:
    return {"output_path": _path(outputs[0]), "bytes": outputs[0].bytes, "sha256": outputs[0].sha256}


def _path(output: Output) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(output.uri).path)
