"""Deleting what is old, or too much, in the folders that are the worker's own, and what dead work has left there."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import redis

from videojobs_protocol import keys
from videojobs_worker.process.standby import PREFIX
from videojobs_worker.settings import Settings
from videojobs_worker.storage.file_target import RECORDS
from videojobs_worker.storage.old_records import OldRecords

#: Nothing younger is touched: it may belong to work that begins.
MIN_AGE_S: Final = 3600.0
#: What may go from TEMP_DIR when it is not in use: a job's folder has its id behind this, an idle ffprobe's has none
#: and is made anew where it is missed.
SCRATCH_PREFIXES: Final = ("job-", PREFIX)
#: So many paths are told.
MOST_TOLD: Final = 100
_DAY_S: Final = 86_400.0
_GB: Final = 1_000_000_000


@dataclass(frozen=True)
class StoredFile:
    """A file, or a link, that may go. ``modified`` in Unix seconds; ``scratch`` of work that has ended."""

    path: Path
    bytes: int
    modified: float
    scratch: bool = False


@dataclass
class _Found:
    """What lies in the folders and belongs to nobody who works."""

    files: dict[Path, StoredFile] = field(default_factory=dict)
    folders: dict[Path, StoredFile] = field(default_factory=dict)


def live_jobs(client: redis.Redis) -> set[str]:
    """The jobs that workers have claimed."""
    begin = keys.claim("")
    found = (key.decode() if isinstance(key, bytes) else key for key in client.scan_iter(keys.claim("*"), count=1000))
    return {key.removeprefix(begin) for key in found} - {""}


def clean(
    settings: Settings, live: Collection[str], max_age_days: float, max_size_gb: float, now: float | None = None
) -> dict[str, Any]:
    """Delete files older than ``max_age_days``, then the oldest until ``max_size_gb`` are left.

    Records of commits are not among them: they go when no attempt will ask for them any more, wherever work writes.
    Scratch folders of jobs that do not live go after an hour, empty folders when they are as old as a file may be.
    What lives has its job's id in its name, or is read by a job that lives. Links are never followed and what they
    point to is never touched.

    Args:
        live: ids of jobs that run.

    Returns:
        ``deleted_files``, a count, ``freed_bytes``, ``deleted``, the first paths of them, and ``deleted_records``.
    """
    clock = time.time() if now is None else now
    own = {Path(os.path.realpath(each)) for each in (settings.temp_dir, settings.render_dir, settings.preview_dir)}
    tops = [folder for folder in own if folder.is_dir() and not own.intersection(folder.parents)]
    read = {inode for top in tops for inode in _read_by(top, live)}
    found = _Found()
    for top in tops:
        _look(top, Path(os.path.realpath(settings.temp_dir)), live, read, found)
    going = to_delete(list(found.files.values()), clock, max_age_days * _DAY_S, int(max_size_gb * _GB))
    empty = {each.path for each in found.folders.values() if _is_old(each, clock, max_age_days * _DAY_S)} - own
    chosen = {each.path: each for each in going}
    deleted = [each for top in tops for each in _deleted(top, chosen, empty)]
    return {
        "deleted_files": len(deleted),
        "freed_bytes": sum(each.bytes for each in deleted),
        "deleted": [str(each.path) for each in deleted[:MOST_TOLD]],
        "deleted_records": OldRecords(clock - settings.record_max_age_s, live).remove(settings.roots),
    }


def to_delete(files: list[StoredFile], now: float, max_age_s: float, max_bytes: int) -> list[StoredFile]:
    """Which files go, oldest first. Pure."""
    left = sum(found.bytes for found in files)
    going = []
    for found in sorted(files, key=lambda item: item.modified):
        if _is_old(found, now, max_age_s) or (left > max_bytes and now - found.modified >= MIN_AGE_S):
            going.append(found)
            left -= found.bytes
    return going


def _is_old(found: StoredFile, now: float, max_age_s: float) -> bool:
    age = now - found.modified
    return age >= MIN_AGE_S and (found.scratch or age > max_age_s)


def _lives(name: str, live: Collection[str]) -> bool:
    return any(job in name for job in live)


def _read_by(top: Path, live: Collection[str]) -> Iterator[tuple[int, int]]:
    """Device and inode of what the scratch folders of live jobs link to: it is read, whatever its age."""
    for root, _, names, folder in os.fwalk(top):
        if _lives(Path(root).name, live):
            for name in names:
                try:
                    state = os.stat(name, dir_fd=folder)
                except OSError:  # gone since it was listed, or a link to nothing
                    continue
                yield state.st_dev, state.st_ino


def _look(top: Path, scratch: Path, live: Collection[str], read: Collection[tuple[int, int]], found: _Found) -> None:
    """List what may go under a folder: regular files, empty folders, and in dead scratch folders all there is."""
    for root, folders, names, descriptor in os.fwalk(top):
        here = Path(root)
        folders[:] = [name for name in folders if name != RECORDS and not _lives(name, live)]
        dead = _is_scratch(here, scratch)
        at = os.fstat(descriptor)
        found.folders[here] = StoredFile(here, 0, at.st_mtime, dead)
        for name in names:
            state = _state(name, descriptor)
            if state is None or _lives(name, live) or (state.st_dev, state.st_ino) in read:
                continue
            if dead or stat.S_ISREG(state.st_mode):
                found.files[here / name] = StoredFile(here / name, state.st_size, state.st_mtime, dead)


def _is_scratch(folder: Path, scratch: Path) -> bool:
    below = folder.relative_to(scratch).parts if folder.is_relative_to(scratch) else ()
    return bool(below) and below[0].startswith(SCRATCH_PREFIXES)


def _state(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:  # gone since it was listed: work ended
        return None


def _deleted(top: Path, files: dict[Path, StoredFile], empty: Collection[Path]) -> Iterator[StoredFile]:
    """Delete by open folders, so that a folder which becomes a link meanwhile leads nowhere."""
    for root, folders, names, descriptor in os.fwalk(top, topdown=False):
        here = Path(root)
        for name in names:
            chosen = files.get(here / name)
            if chosen is not None and _is_still(chosen, name, descriptor) and _done(os.unlink, name, descriptor):
                yield chosen
        for name in folders:
            if here / name in empty:
                _done(os.rmdir, name, descriptor)


def _is_still(chosen: StoredFile, name: str, folder: int) -> bool:
    state = _state(name, folder)
    return state is not None and state.st_mtime == chosen.modified


def _done(remove: Callable[..., None], name: str, folder: int) -> bool:
    try:
        remove(name, dir_fd=folder)
    except OSError:
        return False
    return True
