"""A VideoJob's next status in the making: every change of phase in one place, with the conditions that go with it."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.conditions import find, with_condition
from videojobs_operator.core.decision import Decision
from videojobs_operator.core.effects import Effect
from videojobs_operator.core.job import Job
from videojobs_operator.core.progress import failure_of, output_of, plan_of, progress_of, worker_of
from videojobs_operator.core.routing import Waiting
from videojobs_operator.core.timestamps import from_text, to_text
from videojobs_operator.core.work import work_of
from videojobs_protocol.attempt import task_id
from videojobs_protocol.progress import Failure, TaskStatus
from videojobs_protocol.work import kind_of


class Draft:
    """Starts as the status that is there."""

    def __init__(self, job: Job, now: datetime) -> None:
        self.job, self.now = job, now
        self.status: dict[str, Any] = copy.deepcopy(dict(job.status))

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """The conditions so far."""
        return list(self.status.get("conditions", []))

    def decision(
        self,
        *,
        before: tuple[Effect, ...] = (),
        after: tuple[Effect, ...] = (),
        requeue_after_s: float | None = None,
        look_in_queue: bool = False,
    ) -> Decision:
        """The decision for this status."""
        # Also where nothing follows from a change of the spec: kstatus tools wait for its generation.
        unseen = not self.job.deleting and self.status.get("observedGeneration") != self.job.generation
        urgent = unseen or _without_progress(self.status) != _without_progress(self.job.status)
        if urgent:
            self.status["observedGeneration"] = self.job.generation
        return Decision(self.status, before, after, requeue_after_s, urgent, look_in_queue)

    def condition(self, kind: str, holds: bool, reason: str, message: str) -> None:
        """Set a condition."""
        self.status["conditions"] = with_condition(self.conditions, kind, holds, reason, message, self.now)

    def reconciling(self, reason: str, message: str) -> None:
        """Work is in progress, and this is why it is not done."""
        self.condition("Reconciling", True, reason, message)

    def queue(self, number: int, queue: str, why: Waiting, spec: VideoJobSpec) -> None:
        """A new attempt waits for a worker."""
        for gone in (
            "worker",
            "silentTime",
            "retryTime",
            "plan",
        ):  # not the failure: it says why there is another attempt
            self.status.pop(gone, None)
        self.status |= {
            "phase": "Queued",
            "kind": kind_of(work_of(spec)),
            "attempt": number,
            "taskID": task_id(self.job.uid, number),
            "queue": {"name": queue, "time": to_text(self.now), "priority": spec.priority},
            "progress": {"percent": 0},
        }
        self._not_suspended()
        self.reconciling(why.reason, why.message)

    def run(self, said: TaskStatus) -> None:
        """A worker is at it."""
        self.status["phase"] = "Running"
        self.status.setdefault("startTime", to_text(self.now))
        self.status["worker"] = worker_of(said)
        self.status["progress"] = progress_of(said, self.status.get("progress", {}))
        self._planned(said)
        self.reconciling("Running", "a worker is at it")

    def silent_s(self) -> float:
        """For how long nothing has been found of the attempt; this may be the first time."""
        since = from_text(self.status.setdefault("silentTime", to_text(self.now))) or self.now
        return (self.now - since).total_seconds()

    def heard(self) -> None:
        """Its message or its worker is there."""
        self.status.pop("silentTime", None)

    def suspend(self) -> None:
        """Stopped on request; its time starts anew when it goes on, as that of a batch/v1 Job."""
        for gone in ("taskID", "worker", "silentTime", "retryTime", "queue", "startTime"):
            self.status.pop(gone, None)
        self.status["phase"] = "Suspended"
        self.status["progress"] = {"percent": 0}
        self.condition("Suspended", True, "JobSuspended", "spec.suspend is true")
        self.condition("Reconciling", False, "JobSuspended", "nothing is done until spec.suspend is false")

    def retry_at(self, moment: datetime, reason: str, message: str) -> None:
        """No attempt is on its way until then."""
        for gone in ("taskID", "worker", "silentTime"):
            self.status.pop(gone, None)
        self.status["phase"] = "Pending"
        self.status["retryTime"] = to_text(moment)
        self.reconciling(reason, message)

    def fail_attempt(self, failure: Failure) -> None:
        """Why the last attempt failed."""
        self.status["failure"] = failure_of(failure)

    def succeed(self, said: TaskStatus) -> None:
        """Done."""
        self.status.setdefault("startTime", to_text(self.now))
        self.status.pop("failure", None)
        self.status["worker"] = worker_of(said) or self.status.get("worker", {})
        self.status["progress"] = progress_of(said, self.status.get("progress", {}))
        self._planned(said)
        self.status["outputs"] = [output_of(made) for made in said.outputs]
        self._end("Succeeded")
        self.condition("Complete", True, "Succeeded", said.message or "all outputs are made")
        self.condition("Reconciling", False, "Succeeded", "nothing is left to do")

    def fail(self, failure: Failure, reason: str = "") -> None:
        """Failed for good."""
        self.fail_attempt(failure)
        self._end("Failed")
        reason = reason or failure.reason
        self.condition("Failed", True, reason, failure.message)
        self.condition("Stalled", True, reason, failure.message)
        self.condition("Reconciling", False, reason, "it is not tried again")

    def _planned(self, said: TaskStatus) -> None:
        if plan := plan_of(said):
            self.status["plan"] = plan

    def _end(self, phase: str) -> None:
        for gone in ("taskID", "silentTime", "retryTime"):
            self.status.pop(gone, None)
        self.status["phase"] = phase
        self.status["completionTime"] = to_text(self.now)
        self._not_suspended()

    def _not_suspended(self) -> None:
        if find(self.conditions, "Suspended"):
            self.condition("Suspended", False, "JobResumed", "spec.suspend is false")


def _without_progress(status: Any) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key not in ("progress", "observedGeneration")}
