"""Commit: outputs become visible through one create-only record, so that an attempt commits once or never.

Outputs are written beside their final place under hidden names. Then the manifest
``<folder of the first output>/.videojobs/<job id>.json`` is created by ``link(2)``, which fails if it exists:
whoever creates it has committed. Only then are the files renamed; whoever finds a manifest finishes that.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from videojobs_protocol.progress import Output
from videojobs_worker.errors import JobError

FOLDER = ".videojobs"
#: What a file system without hard links says to link(2).
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


@dataclass(frozen=True)
class StagedOutput:
    """A verified and settled file that is not visible yet."""

    staged: Path
    final: Path
    output: Output


def staged_path(final: Path, job_id: str, number: int) -> Path:
    """The hidden name of an attempt's output, beside its final place; the ending tells ffmpeg nothing."""
    return final.with_name(f".{final.name}.{job_id}-{number}.partial")


def manifest_path(first_output: Path, job_id: str) -> Path:
    """Where a job's manifest is."""
    return first_output.parent / FOLDER / f"{job_id}.json"


def settle(path: Path) -> str:
    """Have a file written through to the disk, and take its checksum: SHA-256, hexadecimal."""
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return checksum


def commit(manifest: Path, job_id: str, number: int, staged: Sequence[StagedOutput]) -> tuple[Output, ...]:
    """Make the outputs visible, or adopt what another attempt has committed.

    Returns:
        the outputs that the manifest holds, which need not be these.

    Raises:
        OSError: the volume refused; nothing is visible then, unless the manifest was made.
    """
    record = {
        "version": 1,
        "job_id": job_id,
        "attempt": number,
        "outputs": [{"staged": str(item.staged), "final": str(item.final), **asdict(item.output)} for item in staged],
    }
    _create(manifest, record)
    return adopt(manifest, [item.final for item in staged])


def adopt(manifest: Path, finals: Sequence[Path]) -> tuple[Output, ...]:
    """Finish the commit that a manifest tells of, and return its outputs; safe to repeat.

    Args:
        finals: the job's own outputs. The manifest lies where users write, so that one that names other files is
            not followed.

    Raises:
        FileNotFoundError: nobody has committed yet.
        JobError: ManifestInvalid; OutputsGone where an output was taken away after its commit.
    """
    entries = _entries(manifest, finals)
    for staged, final, output in entries:
        with contextlib.suppress(FileNotFoundError):  # in its place already
            staged.replace(final)
        if not final.is_file():
            text = f"{output.uri} was committed by an earlier attempt and has been removed since: make a new job"
            raise JobError("OutputsGone", text)
    for folder in {final.parent for final in finals}:
        _sync(folder)
    return tuple(output for _, _, output in entries)


def _entries(manifest: Path, finals: Sequence[Path]) -> list[tuple[Path, Path, Output]]:
    try:
        record = json.loads(manifest.read_text())
        entries = [
            (Path(entry.pop("staged")), Path(entry.pop("final")), Output(**entry)) for entry in record["outputs"]
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JobError("ManifestInvalid", f"{manifest} cannot be read ({error}): remove it and try again") from error
    own = [final for _, final, _ in entries] == list(finals)
    if not own or any(staged.parent != final.parent or not _is_partial(staged) for staged, final, _ in entries):
        raise JobError("ManifestInvalid", f"{manifest} names files that are not this job's outputs: remove it")
    return entries


def _is_partial(staged: Path) -> bool:
    return staged.name.startswith(".") and staged.name.endswith(".partial")


def discard(finals: Sequence[Path], job_id: str) -> None:
    """Remove what attempts of a job left unfinished."""
    for final in finals:
        for partial in final.parent.glob(f".{glob.escape(final.name)}.{job_id}-*.partial"):
            partial.unlink(missing_ok=True)


def _create(manifest: Path, record: dict[str, object]) -> None:
    manifest.parent.mkdir(exist_ok=True)
    draft = manifest.with_name(f"{manifest.name}.{secrets.token_hex(8)}.draft")
    try:
        _write(draft, record)
        _link(draft, manifest, record)
    except FileExistsError:
        return  # another attempt was first: its word stands
    finally:
        draft.unlink(missing_ok=True)
    _sync(manifest.parent)


def _link(draft: Path, manifest: Path, record: dict[str, object]) -> None:
    try:
        os.link(draft, manifest)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write(manifest, record)  # create-only all the same, but a crash can leave half of it


def _write(path: Path, record: dict[str, object]) -> None:
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
