"""What a decision wants done to the world, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from videojobs_protocol.attempt import Attempt


@dataclass(frozen=True)
class AddFinalizer:
    """Put our finalizer on the VideoJob."""


@dataclass(frozen=True)
class RemoveFinalizer:
    """Take our finalizer off the VideoJob."""


@dataclass(frozen=True)
class Cancel:
    """Tell workers to drop or stop a task, and take its message out of its queue."""

    task_id: str
    queue: str = ""


@dataclass(frozen=True)
class Publish:
    """Send the message that wakes a worker. ``priority`` is the user's, 0 to 10."""

    attempt: Attempt
    queue: str
    priority: int


@dataclass(frozen=True)
class Withdraw:
    """Take a task's messages of all priorities but one out of a queue."""

    task_id: str
    queue: str
    priority: int


@dataclass(frozen=True)
class Emit:
    """A Kubernetes Event about the object."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


@dataclass(frozen=True)
class DeleteJob:
    """Delete the VideoJob: its time to live is over."""


Effect = AddFinalizer | RemoveFinalizer | Cancel | Publish | Withdraw | Emit | DeleteJob
