"""Records of commits that no attempt will ask for any more: removed by their age, from the folders they lie in.

A record is asked for by a later attempt of its job, which adopts what was committed instead of making it again. There
may be such an attempt until the operator, or Celery, has learned of the commit. That takes seconds, or as long as Redis
or the operator is away. So the age is many times that; an attempt that comes even later makes the same outputs again.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_worker.storage.file_target import RECORDS

#: A record, and one that was being written when its worker died.
_NAME: Final = re.compile(r"(?P<job>.+)\.json(\.[0-9a-f]{16}\.draft)?")


@dataclass(frozen=True)
class OldRecords:
    """Which records go: those last written before ``before``, in Unix seconds, of jobs that do not live."""

    before: float
    live: Collection[str]

    def remove(self, roots: Sequence[Path]) -> int:
        """Remove them below these folders, and their folders where nothing else is in them. How many there were.

        Links are not followed. What cannot be read or removed stays.
        """
        return sum(self._removed(name, folder) for root in _outermost(roots) for name, folder in _record_folders(root))

    def _removed(self, name: str, parent: int) -> int:
        try:
            folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        except OSError:
            return 0
        try:
            found = os.listdir(folder)  # noqa: PTH208 - of an open folder
            gone = [each for each in found if self._is_old(each, folder) and _unlink(each, folder)]
            lasts = os.fstat(folder).st_mtime >= self.before
        finally:
            os.close(folder)
        if not lasts and not found:  # it has been empty for as long
            with contextlib.suppress(OSError):
                os.rmdir(name, dir_fd=parent)
        return len(gone)

    def _is_old(self, name: str, folder: int) -> bool:
        match = _NAME.fullmatch(name)
        try:
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return False
        old = stat.S_ISREG(state.st_mode) and state.st_mtime < self.before
        return old and match is not None and match["job"] not in self.live


def _outermost(roots: Sequence[Path]) -> list[Path]:
    real = {Path(os.path.realpath(root)) for root in roots}
    return [root for root in sorted(real) if root.is_dir() and not real.intersection(root.parents)]


def _record_folders(root: Path) -> Iterator[tuple[str, int]]:
    """The name of each folder of records, and the open folder that it lies in."""
    for _, folders, _, parent in os.fwalk(root):
        if RECORDS in folders:
            folders.remove(RECORDS)
            yield RECORDS, parent


def _unlink(name: str, folder: int) -> bool:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True
