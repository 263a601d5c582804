"""Commit: outputs become visible through one create-only record, so that an attempt commits once or never.

Outputs are written beside their final place under hidden names. Then the manifest
``<folder of the first output>/.videojobs/<job id>.json`` is created by ``link(2)``, which fails if it exists:
whoever creates it has committed. Only then are the files renamed; whoever finds a manifest finishes that.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from videojobs_protocol.progress import Output

FOLDER = ".videojobs"


@dataclass(frozen=True)
class StagedOutput:
    """A verified file that is not visible yet."""

    staged: Path
    final: Path
    output: Output


def staged_path(final: Path, job_id: str, number: int) -> Path:
    """The hidden name of an attempt's output, beside its final place; the ending tells ffmpeg nothing."""
    return final.with_name(f".{final.name}.{job_id}-{number}.partial")


def manifest_path(first_output: Path, job_id: str) -> Path:
    """Where a job's manifest is."""
    return first_output.parent / FOLDER / f"{job_id}.json"


def sha256_of(path: Path) -> str:
    """Checksum of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    for item in staged:
        _sync(item.staged)
    _create(manifest, record)
    return adopt(manifest)


def adopt(manifest: Path) -> tuple[Output, ...]:
    """Finish the commit that a manifest tells of, and return its outputs; safe to repeat.

    Raises:
        FileNotFoundError: nobody has committed yet.
    """
    record = json.loads(manifest.read_text())
    outputs = []
    for entry in record["outputs"]:
        staged, final = Path(entry.pop("staged")), Path(entry.pop("final"))
        if staged.exists():
            staged.replace(final)
        outputs.append(Output(**entry))
    return tuple(outputs)


def discard(finals: Sequence[Path], job_id: str) -> None:
    """Remove what attempts of a job left unfinished."""
    for final in finals:
        for partial in final.parent.glob(f".{glob.escape(final.name)}.{job_id}-*.partial"):
            partial.unlink(missing_ok=True)


def _create(manifest: Path, record: dict[str, object]) -> None:
    manifest.parent.mkdir(exist_ok=True)
    draft = manifest.with_name(f"{manifest.name}.{os.getpid()}.draft")
    try:
        with draft.open("w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, manifest)
    except FileExistsError:
        return  # another attempt was first: its word stands
    finally:
        draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
