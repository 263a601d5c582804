"""Deleting what is old, or too much, in the folders that are the worker's own."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from videojobs_worker.settings import Settings

#: Nothing younger is touched: it may belong to work that runs.
MIN_AGE_S = 3600.0
_DAY_S = 86_400.0
_GB = 1_000_000_000


@dataclass(frozen=True)
class StoredFile:
    """A file that may go. ``modified`` in Unix seconds."""

    path: Path
    bytes: int
    modified: float


def clean(settings: Settings, max_age_days: float, max_size_gb: float, now: float | None = None) -> dict[str, int]:
    """Delete files older than ``max_age_days``, then the oldest until ``max_size_gb`` are left.

    Links are never followed and what they point to is never touched.

    Returns:
        ``deleted_files``, a count, and ``freed_bytes``.
    """
    clock = time.time() if now is None else now
    folders = {settings.temp_dir, settings.render_dir, settings.preview_dir}
    files = {found.path: found for folder in folders for found in _files(folder)}
    going = to_delete(list(files.values()), clock, max_age_days * _DAY_S, int(max_size_gb * _GB))
    deleted = [found for found in going if _delete(found.path)]
    return {"deleted_files": len(deleted), "freed_bytes": sum(found.bytes for found in deleted)}


def to_delete(files: list[StoredFile], now: float, max_age_s: float, max_bytes: int) -> list[StoredFile]:
    """Which files go, oldest first. Pure."""
    left = sum(found.bytes for found in files)
    going = []
    for found in sorted(files, key=lambda item: item.modified):
        age = now - found.modified
        if age >= MIN_AGE_S and (age > max_age_s or left > max_bytes):
            going.append(found)
            left -= found.bytes
    return going


def _files(folder: Path) -> Iterator[StoredFile]:
    for root, _, names in os.walk(folder, followlinks=False):
        for name in names:
            path = Path(root) / name
            try:
                state = path.lstat()
            except FileNotFoundError:  # gone since it was listed: work ended
                continue
            if stat.S_ISREG(state.st_mode):
                yield StoredFile(path, state.st_size, state.st_mtime)


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
