"""Outputs on a mounted volume: staged beside their final place, published by a rename."""

from __future__ import annotations

import contextlib
import errno
import glob
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.files import file_uri
from videojobs_worker.storage.hashing import sha256_of
from videojobs_worker.storage.target import RUN, Draft, Staged, hidden_name

RECORDS = ".videojobs"
_PARTIAL = ".partial"
#: What a file system without hard links says to link(2).
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


@dataclass(frozen=True)
class FileTarget:
    """A file, in a folder that exists."""

    path: Path

    @property
    def uri(self) -> str:
        """``file://`` and the path."""
        return file_uri(self.path)

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def folder(self) -> FileFolder:
        """The folder that it lies in."""
        return FileFolder(self.path.parent)

    def draft(self, job_id: str, run: str, scratch: Path) -> Path:  # noqa: ARG002 - on the same volume
        """A hidden file beside it."""
        return self.path.with_name(f"{self._base(job_id)}-{run}{_PARTIAL}")

    def stage(self, draft: Path, job_id: str, run: str, stopper: Stopper) -> Staged:  # noqa: ARG002 - it lies there
        """Have it written through to the disk."""
        sha256 = sha256_of(draft, stopper)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        return Staged(str(draft), sha256)

    def owns(self, staged: str, job_id: str) -> bool:
        """Whether it is a draft of this file for this job."""
        path = Path(staged)
        return path.parent == self.path.parent and _run(path.name, self._base(job_id)) is not None

    def _base(self, job_id: str) -> str:
        """What the names of a job's drafts of it begin with."""
        return f".{hidden_name(os.fsencode(self.path.name))}.{job_id}"

    def publish(self, staged: str) -> bool:
        """Rename it."""
        with contextlib.suppress(FileNotFoundError):  # in its place already
            Path(staged).replace(self.path)
            _sync(self.path.parent)
        return self.path.is_file()


@dataclass(frozen=True)
class FileFolder:
    """A folder on a volume."""

    path: Path

    def record(self, job_id: str) -> FileRecord:
        """The job's manifest."""
        return FileRecord(self.path / RECORDS / f"{job_id}.json")

    def drafts(self, job_id: str) -> Iterator[Draft]:
        """The job's hidden files."""
        for path in self.path.glob(f".*.{glob.escape(job_id)}-*{_PARTIAL}"):
            run = _run(path.name, path.name.rpartition(f".{job_id}-")[0] + f".{job_id}")
            with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                if run:
                    yield Draft(str(path), run, path.stat().st_mtime)

    def remove(self, draft: Draft) -> None:
        """Unlink it."""
        Path(draft.name).unlink(missing_ok=True)


@dataclass(frozen=True)
class FileRecord:
    """A manifest as a file, created by ``link(2)``, which fails where there is one."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def read(self) -> str | None:
        """Its text."""
        try:
            return self.path.read_text()
        except FileNotFoundError:
            return None

    def create(self, record: Mapping[str, Any]) -> None:
        """Write it whole, then give it its name."""
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}.draft")
        try:
            self._write_draft(draft, record)
            self._link(draft, record)
        except FileExistsError:
            return  # another attempt was first: its word stands
        finally:
            draft.unlink(missing_ok=True)
        _sync(self.path.parent)

    def _write_draft(self, draft: Path, record: Mapping[str, Any]) -> None:
        """In its folder, which the cleanup task removes where it is empty, in this very moment too."""
        for last in (False, False, True):
            self.path.parent.mkdir(exist_ok=True)
            try:
                return _write(draft, record)
            except FileNotFoundError:
                if last:
                    raise
        return None

    def _link(self, draft: Path, record: Mapping[str, Any]) -> None:
        try:
            os.link(draft, self.path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _write(self.path, record)  # create-only all the same, but a crash can leave half of it


def _run(name: str, base: str) -> str | None:
    """Whose draft a hidden file is, None where it is none of ``base``."""
    run = name.removeprefix(f"{base}-").removesuffix(_PARTIAL)
    return run if name == f"{base}-{run}{_PARTIAL}" and RUN.fullmatch(run) else None


def _write(path: Path, record: Mapping[str, Any]) -> None:
    with path.open("x") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
