"""A VideoJob and what is known of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from videojobs_operator.api.videojob import DEFAULT_TTL_S, VideoJobSpec
from videojobs_operator.core.timestamps import from_text
from videojobs_operator.core.validation import SpecError, check, spec_error
from videojobs_protocol.progress import TaskStatus

FINALIZER: Final = "videojobs.dev/cancel"


@dataclass(frozen=True)
class Job:
    """A VideoJob as last seen. ``spec`` is ``None`` where it cannot be meant; ``problem`` says why then."""

    uid: str
    namespace: str
    name: str
    generation: int
    deletion_time: datetime | None
    finalizers: tuple[str, ...]
    spec: VideoJobSpec | None
    problem: SpecError | None
    status: Mapping[str, Any]
    ttl_s: float

    @property
    def deleting(self) -> bool:
        """Whether somebody wants it gone."""
        return self.deletion_time is not None

    @property
    def phase(self) -> str:
        """Pending where nobody has written one."""
        return str(self.status.get("phase") or "Pending")

    @property
    def finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.phase in ("Succeeded", "Failed")


@dataclass(frozen=True)
class TaskView:
    """What Redis says of the current attempt.

    ``claimed_by`` is the task id that holds the job, maybe an older attempt's. ``queued`` says whether the message
    was seen in the queue; ``None`` that nobody has looked. Without ``available`` nothing else means anything.
    """

    status: TaskStatus | None = None
    claimed_by: str | None = None
    queued: bool | None = None
    available: bool = True


@dataclass(frozen=True)
class PoolView:
    """A WorkerPool as a VideoJob sees it. ``unschedulable`` is the scheduler's message, if it has one."""

    namespace: str
    name: str
    queues: frozenset[str]
    unschedulable: str = ""


def parse_job(resource: Mapping[str, Any]) -> Job:
    """Read a VideoJob; a spec that cannot be meant is no error here but stands in ``problem``."""
    metadata = resource["metadata"]
    spec, problem = parse_spec(resource.get("spec") or {})
    return Job(
        uid=metadata["uid"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        generation=metadata.get("generation", 1),
        deletion_time=from_text(metadata.get("deletionTimestamp")),
        finalizers=tuple(metadata.get("finalizers", ())),
        spec=spec,
        problem=problem,
        status=resource.get("status") or {},
        ttl_s=_ttl_s(resource.get("spec") or {}),
    )


def _ttl_s(spec: Mapping[str, Any]) -> float:
    """How long it is kept, also where the rest of the spec cannot be meant."""
    given = spec.get("ttlSecondsAfterFinished")
    return given if isinstance(given, int) else DEFAULT_TTL_S


def parse_spec(data: Mapping[str, Any]) -> tuple[VideoJobSpec | None, SpecError | None]:
    """A VideoJob's spec, or the field that cannot be meant."""
    try:
        spec = VideoJobSpec.model_validate(data)
        check(spec)
    except ValidationError as error:
        return None, spec_error(error)
    except SpecError as error:
        return None, error
    return spec, None
