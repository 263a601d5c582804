"""What a place for outputs must offer. Files and S3 do; a commit needs no more.

An output is *staged* under a hidden name, durably, and *published* under its own once its job has committed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from videojobs_protocol.progress import Output
from videojobs_worker.process.stopper import Stopper

#: How a run of a job is named: its attempt's number and its own token.
RUN: Final = re.compile(r"\d+-[0-9a-f]{8}")


def hidden_name(name: bytes) -> str:
    """A draft's name for an output's: of one length, since the output's may be as long as a file's can be."""
    return hashlib.sha256(name).hexdigest()[:32]


@dataclass(frozen=True)
class Draft:
    """What a run of a job has written and nobody has published. ``modified`` in Unix seconds."""

    name: str
    run: str
    modified: float


@dataclass(frozen=True)
class Staged:
    """A draft that is durable under a hidden name, and its SHA-256, hexadecimal."""

    name: str
    sha256: str


class Record(Protocol):
    """A job's manifest."""

    def read(self) -> str | None:
        """Its text, None where nobody has committed."""

    def create(self, record: Mapping[str, Any]) -> None:
        """Create it whole; where there is one already, that one stays."""

    def __str__(self) -> str:
        """Its place, for messages."""


class Folder(Protocol):
    """What the outputs of a job lie in. Hashable."""

    def record(self, job_id: str) -> Record:
        """The job's manifest in this folder."""

    def drafts(self, job_id: str) -> Iterator[Draft]:
        """What runs of a job have staged, or half written, in this folder."""

    def remove(self, draft: Draft) -> None:
        """Remove one; it may be gone already."""


class Target(Protocol):
    """One output's place. Hashable."""

    @property
    def uri(self) -> str:
        """As users read it."""

    @property
    def name(self) -> str:
        """As manifests have it."""

    @property
    def folder(self) -> Folder:
        """What it lies in."""

    def draft(self, job_id: str, run: str, scratch: Path) -> Path:
        """The local file that a run writes, and no other; its ending tells ffmpeg nothing."""

    def stage(self, draft: Path, job_id: str, run: str, stopper: Stopper) -> Staged:
        """Make a draft durable under a hidden name, and hash it in the same reading. It ends when it is stopped."""

    def owns(self, staged: str, job_id: str) -> bool:
        """Whether this target could have given this hidden name: manifests lie where users write."""

    def publish(self, staged: str) -> bool:
        """Give a staged output its name; safe to repeat. False where it is neither staged nor there."""


@dataclass(frozen=True)
class StagedOutput:
    """A verified and durable output that is not visible yet."""

    target: Target
    staged: str
    output: Output
