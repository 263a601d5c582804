"""Small builders of what decisions are made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from videojobs_operator.core.decision import Decision
from videojobs_operator.core.effects import AddFinalizer, Effect
from videojobs_operator.core.job import FINALIZER, Job, PoolView, TaskView, parse_job
from videojobs_operator.core.plan import decide
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
POOLS = (PoolView("videojobs", "cpu", frozenset({"transcode_queue"})),)
TRANSCODE = {
    "source": {"uri": "file:///media/a.mp4"},
    "outputs": [{"uri": "file:///media/o.mp4"}],
}


def job(status: dict[str, Any] | None = None, *, deleting: bool = False, **spec: Any) -> Job:
    """A VideoJob with our finalizer."""
    metadata = {"uid": "uid", "namespace": "default", "name": "small", "generation": 3, "finalizers": [FINALIZER]}
    if deleting:
        metadata["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    body = spec if {"transcode", "render", "preview", "caption"} & set(spec) else {"transcode": TRANSCODE, **spec}
    return parse_job({"metadata": metadata, "spec": body, "status": status or {}})


def said(state: str = "running", task_id: str = "uid-1", **more: Any) -> TaskStatus:
    """What a worker says."""
    who = WorkerIdentity("worker@a", pod="cpu-1", node="n1")
    return TaskStatus(task_id, state, worker=who, updated_at=NOW.timestamp(), **more)  # type: ignore[arg-type]


def failed(reason: str = "EncoderFailed", *, retryable: bool = False, task_id: str = "uid-1") -> TaskView:
    """The view of an attempt that failed."""
    return TaskView(said("failed", task_id, failure=Failure(reason, "it broke", retryable)))


def completed(task_id: str = "uid-1") -> TaskView:
    """The view of an attempt that made its output."""
    made = Output("file:///media/o.mp4", 10, "ab", duration_s=2.0, width=320, height=180, video_codec="h264")
    return TaskView(said("completed", task_id, progress=100.0, outputs=(made,)))


def run(one: Job, task: TaskView | None = None, now: datetime = NOW) -> Decision:
    """The decision."""
    return decide(one, task or TaskView(), POOLS, now)


def after(one: Job, decision: Decision, **changes: Any) -> Job:
    """The VideoJob once a decision's status is written."""
    added = (FINALIZER,) if AddFinalizer() in decision.before else ()
    return replace(one, **{"status": decision.status, "finalizers": one.finalizers or added, **changes})


def queued() -> Job:
    """A VideoJob whose first attempt waits."""
    return after(job(), run(job()))


def running(**spec: Any) -> Job:
    """A VideoJob whose first attempt runs."""
    first = job(**spec)
    waiting = after(first, run(first))
    return after(waiting, run(waiting, TaskView(said(progress=10.0), "uid-1")))


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    """Names of effects; events by their reason."""
    return [getattr(effect, "reason", type(effect).__name__) for effect in effects]


def condition(decision: Decision, kind: str) -> tuple[str, str]:
    """Status and reason of a condition, empty where it is not there."""
    found = next((item for item in decision.status.get("conditions", []) if item["type"] == kind), {})
    return found.get("status", ""), found.get("reason", "")
