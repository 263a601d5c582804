"""From a direct task's arguments to how its work ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import Task

from videojobs_protocol.attempt import GpuPolicy
from videojobs_protocol.progress import Failure, Output, TaskStatus
from videojobs_protocol.work import Render, Work, kind_of
from videojobs_worker.storage.files import uri_path

if TYPE_CHECKING:
    from videojobs_worker.pipeline.job_runner import Worker

#: Makes work of arguments, given the folder for its outputs and the task's id.
Build = Callable[[Path, str], Work]


@contextlib.contextmanager
def refusals_told(running: Worker, task_id: str) -> Iterator[None]:
    """Arguments that cannot be meant, which are a ValueError or OSError, are told of before that goes on."""
    from videojobs_worker.pipeline.reporter import Reporter

    try:
        yield
    except (ValueError, OSError) as error:
        reason = "SourceNotFound" if isinstance(error, FileNotFoundError) else "InvalidArguments"
        Reporter(running.client, task_id, running.identity).failed(Failure(reason, str(error), retryable=False))
        raise


def require_sources(work: Work, roots: Sequence[Path]) -> None:
    """What lies on this machine is there. What is out of the roots is as if it were not: its name tells nobody more.

    Raises:
        FileNotFoundError: existing clients read this text.
    """
    if isinstance(work, Render):
        for scene in work.scenes:
            _require("Video", scene.uri, roots)
        if work.subtitles:
            _require("Subtitle", work.subtitles.uri, roots)
    else:
        _require("Video", work.uri, roots)


def _require(what: str, uri: str, roots: Sequence[Path]) -> None:
    from videojobs_worker.errors import JobError
    from videojobs_worker.storage.files import source_path

    if not uri.startswith("file://"):
        return
    try:
        source_path(uri, roots)
    except JobError as error:  # the others are told by the run, and may pass
        why = {"SourceNotFound": "", "PathNotAllowed": f": {error.message}"}.get(error.reason)
        if why is not None:
            raise FileNotFoundError(f"{what} file not found: {uri_path(uri)}{why}") from None


def run(running: Worker, task: Task, task_id: str, work: Work, gpu: GpuPolicy) -> TaskStatus | None:
    """Run it within its kind's time; ``retrying`` is the status where the task should be tried again.

    Returns:
        the last status, None where another worker has it.
    """
    from videojobs_worker.pipeline.job import Job
    from videojobs_worker.pipeline.job_runner import run_job

    may_retry = task.request.retries < task.max_retries
    timeout_s = running.settings.timeouts_s[kind_of(work)]
    job = Job(task_id, task_id, task.request.retries + 1, work, gpu, timeout_s)
    return run_job(running, job, lambda failure: may_retry and failure.retryable)


def gpu_of(job_data: Any) -> GpuPolicy:
    """What ``use_gpu`` asks for."""
    return "Preferred" if isinstance(job_data, dict) and job_data.get("use_gpu") else "Never"


def failure_of(status: TaskStatus) -> Failure:
    """Why it ended without outputs."""
    return status.failure or Failure("InternalError", "no reason given", retryable=False)


def described(outputs: tuple[Output, ...]) -> dict[str, Any]:
    """The result of a task that makes one file."""
    return {"output_path": path_of(outputs[0]), "bytes": outputs[0].bytes, "sha256": outputs[0].sha256}


def path_of(output: Output) -> str:
    """Where it lies."""
    return uri_path(output.uri)
