"""The tasks that plain Celery clients send, by the names, arguments and results that they know."""

from __future__ import annotations

from typing import Any

from celery import Task, current_app
from celery.exceptions import Ignore

from videojobs_protocol.attempt import GpuPolicy
from videojobs_protocol.progress import Output, TaskStatus
from videojobs_protocol.work import kind_of
from videojobs_worker.tasks import arguments
from videojobs_worker.tasks.identity import worker
from videojobs_worker.tasks.retries import MAX_RETRIES, WorkError, again, redis_awaited
from videojobs_worker.tasks.running import (
    Build,
    described,
    failure_of,
    gpu_of,
    path_of,
    refusals_told,
    require_sources,
    run,
)
from videojobs_worker.tasks.turns import await_turn


@current_app.task(name="render_video_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def render_video_task(self: Task, job_data: dict[str, Any]) -> dict[str, Any]:
    """Cut and join scenes; the result holds ``output_path``."""
    outputs = _run(self, lambda folder, task_id: arguments.render(job_data, folder, task_id), gpu_of(job_data))
    return described(outputs)


@current_app.task(name="transcode_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def transcode_task(self: Task, video_path: str, output_format: dict[str, Any]) -> dict[str, Any]:
    """Encode a file anew; the result holds ``output_path``."""
    outputs = _run(self, lambda folder, task_id: arguments.transcode(video_path, output_format, folder, task_id))
    return described(outputs)


@current_app.task(name="generate_preview_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def generate_preview_task(self: Task, video_path: str, num_frames: int = 10) -> dict[str, Any]:
    """Take still pictures; the result holds ``preview_paths``."""
    outputs = _run(self, lambda folder, task_id: arguments.preview(video_path, num_frames, folder, task_id))
    return {"preview_paths": [path_of(output) for output in outputs]}


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
    outputs = _run(self, lambda folder, task_id: arguments.caption(video_path, options, folder, task_id))
    return {"srt_path": path_of(outputs[0])}


def _run(task: Task, build: Build, gpu: GpuPolicy = "Never") -> tuple[Output, ...]:
    running = worker(task.request.hostname)
    settings = running.settings
    folder = settings.preview_dir if task.name == "generate_preview_task" else settings.render_dir
    with redis_awaited(task):
        with refusals_told(running, task.request.id):
            work = build(folder, task.request.id)
            require_sources(work, settings.roots)
        await_turn(task, running.client, kind_of(work), settings.rate_limits[kind_of(work)])
        return _result(task, run(running, task, task.request.id, work, gpu))


def _result(task: Task, status: TaskStatus | None) -> tuple[Output, ...]:
    if status is None:
        raise Ignore  # another worker has this task, and its result is the one to keep
    if status.status == "completed":
        return status.outputs
    failure = failure_of(status)
    error = WorkError(f"{failure.reason}: {failure.message}")
    if status.status != "retrying":
        raise error
    raise again(task, error)
