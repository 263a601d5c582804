"""A piece of work on its way through the pipeline, whoever sent it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from videojobs_protocol.attempt import Attempt, GpuPolicy
from videojobs_protocol.work import Work


@dataclass(frozen=True)
class Job:
    """``job_id`` names what must be done once, ``task_id`` this try at it."""

    job_id: str
    task_id: str
    number: int
    work: Work
    gpu: GpuPolicy = "Never"
    timeout_s: float | None = None  # from when a worker takes it
    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def run(self) -> str:
        """Names what this run of this try writes: a message may come twice, and both may be at work for a moment."""
        return f"{self.number}-{self.token}"


def from_attempt(attempt: Attempt) -> Job:
    """A VideoJob's attempt."""
    return Job(attempt.job_uid, attempt.task_id, attempt.number, attempt.work, attempt.gpu, attempt.timeout_s)
