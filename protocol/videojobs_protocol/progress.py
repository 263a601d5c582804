"""What a worker says while it works: the JSON under ``task_status:{id}`` and on ``task_progress:{id}``.

The first four fields are those that plain Celery clients read; the others are more, never instead.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

State = Literal["queued", "running", "retrying", "completed", "failed"]
FINAL_STATES: Final[frozenset[State]] = frozenset({"completed", "failed"})

#: ``Failure.reason`` of a task that was stopped on request.
CANCELLED: Final = "Cancelled"


@dataclass(frozen=True)
class Output:
    """A file that was made and verified."""

    uri: str
    bytes: int
    sha256: str
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None


@dataclass(frozen=True)
class Failure:
    """Why an attempt ended without outputs. ``reason`` is CamelCase, for programs."""

    reason: str
    message: str
    retryable: bool
    log_tail: str = ""


@dataclass(frozen=True)
class WorkerIdentity:
    """Who does the work. ``pod`` and ``node`` are empty outside Kubernetes."""

    hostname: str
    pod: str = ""
    node: str = ""
    gpu: str = ""  # name of the GPU in use, empty on a CPU


@dataclass(frozen=True)
class TaskStatus:
    """The last word on a task."""

    task_id: str
    status: State
    progress: float = 0.0  # percent, 0-100, never back within an attempt
    message: str = ""
    stage: str = ""  # Fetching, Probing, Encoding, Verifying, Committing ...
    speed: float | None = None  # media seconds a second
    eta_s: float | None = None
    updated_at: float = 0.0  # Unix seconds
    started_at: float | None = None  # Unix seconds
    worker: WorkerIdentity | None = None
    outputs: tuple[Output, ...] = ()
    failure: Failure | None = None
    details: dict[str, Any] = field(default_factory=dict)  # what else a result tells, JSON values

    @property
    def final(self) -> bool:
        """Nothing follows this status."""
        return self.status in FINAL_STATES

    def to_json(self) -> str:
        """The wire form."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> TaskStatus:
        """Read the wire form; unknown fields are ignored, so that versions can differ.

        Raises:
            ValueError: the text is not a task status.
        """
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError(f"not a task status: {text!r:.80}")
        try:
            known = _known(cls, data)
            known["outputs"] = tuple(Output(**_known(Output, item)) for item in data["outputs"])
            if data.get("failure"):
                known["failure"] = Failure(**_known(Failure, data["failure"]))
            if data.get("worker"):
                known["worker"] = WorkerIdentity(**_known(WorkerIdentity, data["worker"]))
            return cls(**known)
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a task status: {error}") from error


def _known(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in cls.__dataclass_fields__ if name in data}  # type: ignore[attr-defined]
