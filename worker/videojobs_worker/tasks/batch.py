"""``batch_render_task``: many renders in one task. What has committed is adopted when the whole is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery import Task, current_app

from videojobs_protocol.progress import Failure, Output, TaskStatus
from videojobs_worker.tasks import arguments
from videojobs_worker.tasks.argument import ArgumentError
from videojobs_worker.tasks.identity import worker
from videojobs_worker.tasks.retries import MAX_RETRIES, WorkError, again, redis_awaited
from videojobs_worker.tasks.running import described, failure_of, gpu_of, refusals_told, require_sources, run
from videojobs_worker.tasks.turns import await_turn

if TYPE_CHECKING:
    from videojobs_worker.pipeline.job_runner import Worker
    from videojobs_worker.pipeline.reporter import Reporter


@dataclass(frozen=True)
class Entry:
    """How one render ended: with outputs, or with an error, which may pass or not."""

    outputs: tuple[Output, ...] = ()
    error: str = ""
    may_pass: bool = False

    @property
    def result(self) -> dict[str, Any]:
        """As clients read it."""
        return described(self.outputs) if self.outputs else {"error": self.error}


@current_app.task(name="batch_render_task", bind=True, max_retries=MAX_RETRIES)  # type: ignore[untyped-decorator]
def batch_render_task(self: Task, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Render each job in turn; a list in the same order, an entry with ``error`` where one failed."""
    from videojobs_worker.pipeline.reporter import Reporter

    running = worker(self.request.hostname)
    with redis_awaited(self):
        with refusals_told(running, self.request.id):
            _require_list(jobs)
        await_turn(self, running.client, "render", running.settings.rate_limits["render"])
        entries = []
        with Reporter(running.client, self.request.id, running.identity) as reporter:
            for number, job_data in enumerate(jobs):
                reporter.stage("Rendering", f"{number} of {len(jobs)}", 100 * number / len(jobs))
                entries.append(_entry(self, running, number, job_data))
            _end(self, reporter, entries)
    return [entry.result for entry in entries]


def _require_list(jobs: Any) -> None:
    if not isinstance(jobs, list):
        raise ArgumentError(f"jobs: {jobs!r:.80} is not a list")


def _entry(task: Task, running: Worker, number: int, job_data: Any) -> Entry:
    task_id = f"{task.request.id}-{number}"
    try:
        with refusals_told(running, task_id):
            render = arguments.render(job_data, running.settings.render_dir, task_id)
            require_sources(render, running.settings.roots)
    except (ValueError, OSError) as error:
        return Entry(error=str(error))
    return _ended(run(running, task, task_id, render, gpu_of(job_data)))


def _ended(status: TaskStatus | None) -> Entry:
    if status is None:
        return Entry(error="ClaimLost: another worker renders it", may_pass=True)
    if status.status == "completed":
        return Entry(status.outputs)
    failure = failure_of(status)
    return Entry(error=f"{failure.reason}: {failure.message}", may_pass=status.status == "retrying")


def _end(task: Task, reporter: Reporter, entries: list[Entry]) -> None:
    """Say how the whole went, or send it back for those whose error may pass."""
    passing = [entry for entry in entries if entry.may_pass]
    if passing and task.request.retries < task.max_retries:
        text = f"{len(passing)} of {len(entries)} are tried again: {passing[0].error}"
        reporter.failed(Failure(passing[0].error.partition(":")[0], text, retryable=True), retrying=True)
        raise again(task, WorkError(text))
    made = [output for entry in entries for output in entry.outputs]
    text = f"{len(made)} of {len(entries)} made"
    reporter.note(text)
    reporter.completed(tuple(made))
