"""What running jobs have been promised on one volume: a file each under its hidden folder, locked while its job lives.

The kernel lets go of a dead worker's locks, so that its promises end with it. The folder lies where users write, so
that no link in it is followed and no word in it is believed beyond a number and a path to measure.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDERS: Final = (".videojobs", "reserved")
_LOCK: Final = "lock"
_MOST_BYTES: Final = 1 << 20
_OPEN: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True)
class Need:
    """So many bytes will lie at a path."""

    path: Path
    bytes: int


class Ledger:
    """One job's view of a volume's promises. All OSErrors are the volume's."""

    def __init__(self, home: Path, job: str) -> None:
        self._name = f"{job}-{secrets.token_hex(4)}.json"
        self._folder, self._own = _opened_folder(home), -1
        try:
            with self.locked():  # a file without a lock would be taken for a dead job's
                self._own = os.open(self._name, _OPEN | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=self._folder)
                fcntl.flock(self._own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile."""
        lock = os.open(_LOCK, _OPEN | os.O_CREAT, 0o666, dir_fd=self._folder)
        try:
            os.utime(lock)  # so that it never is too old to be kept
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def write(self, needs: Iterable[Need]) -> None:
        """Promise this to our own job."""
        text = json.dumps([[str(need.path), need.bytes] for need in needs]).encode()
        os.ftruncate(self._own, 0)
        os.pwrite(self._own, text, 0)

    def others(self) -> list[list[Need]]:
        """What other jobs that live have been promised; what dead ones were is removed."""
        names = set(os.listdir(self._folder)) - {_LOCK, self._name}  # noqa: PTH208 - of an open folder
        found = (self._read(name) for name in sorted(names) if name.endswith(".json"))
        return [needs for needs in found if needs]

    def _read(self, name: str) -> list[Need]:
        try:
            file = os.open(name, _OPEN, dir_fd=self._folder)
        except OSError:  # it has ended since it was listed, or is none of ours
            return []
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return []
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _needs(os.pread(file, _MOST_BYTES, 0))
        else:
            os.unlink(name, dir_fd=self._folder)
            return []
        finally:
            os.close(file)

    def close(self) -> None:
        """End our own promises."""
        with contextlib.suppress(OSError):
            os.unlink(self._name, dir_fd=self._folder)
        for descriptor in (self._own, self._folder):
            if descriptor >= 0:
                os.close(descriptor)


def _opened_folder(home: Path) -> int:
    """The ledger's folder, made if need be, and no link."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    for name in FOLDERS:
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=folder)
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _needs(text: bytes) -> list[Need]:
    try:
        return [Need(Path(path), max(0, int(size))) for path, size in json.loads(text)]
    except (ValueError, TypeError):
        return []
