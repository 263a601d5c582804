"""Room on volumes, promised to a job before it works: it is refused at once instead of filling the disk.

Jobs that run beside each other count: what they were promised and have not yet written is not free.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from videojobs_worker.errors import JobError
from videojobs_worker.storage.files import is_full, storage_error
from videojobs_worker.storage.ledger import Ledger, Need

#: Asked before anything large is written; raises DiskFull.
Room = Callable[[Sequence[Need]], None]

log = structlog.get_logger()


def lacking(free: int, own: int, others: Iterable[int]) -> int:
    """How many bytes are missing, when so many are free and others have been promised theirs. Pure."""
    return max(0, own + sum(others) - free)


def outstanding(needs: Iterable[Need]) -> int:
    """What of it is not written yet."""
    return sum(max(0, need.bytes - _occupied(need.path)) for need in needs)


@dataclass
class _Volume:
    home: Path
    ledger: Ledger | None
    needs: dict[Path, Need] = field(default_factory=dict)


class Reservation:
    """A job's room, while the ``with`` block runs.

    Args:
        job: names the job in the ledgers.
        homes: folders that all workers know, in order: a volume's ledger lies in the first of them that is on it and
            may be written, else in the uppermost folder below them that may.
    """

    def __init__(self, job: str, homes: Sequence[Path]) -> None:
        self._job, self._homes = job, homes
        self._volumes: dict[int, _Volume] = {}
        self._lock = threading.Lock()  # sources are fetched side by side

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Promise nothing any more."""
        for volume in self._volumes.values():
            if volume.ledger:
                volume.ledger.close()
        self._volumes.clear()

    def hold(self, needs: Sequence[Need]) -> None:
        """Promise this too; a path that was promised before is so anew.

        Raises:
            JobError: DiskFull (retryable), it does not fit beside what runs.
        """
        with self._lock:
            self._hold_all(needs)

    def _hold_all(self, needs: Sequence[Need]) -> None:
        for volume in {id(found): found for found in (self._volume(need.path.parent) for need in needs)}.values():
            own = {need.path: need for need in needs if self._volume(need.path.parent) is volume}
            self._hold(volume, {**volume.needs, **own})

    def _hold(self, volume: _Volume, needs: dict[Path, Need]) -> None:
        if volume.ledger is None:
            _require(volume.home, needs.values(), [])
        else:
            with volume.ledger.locked():
                _require(volume.home, needs.values(), volume.ledger.others())
                volume.ledger.write(needs.values())
        volume.needs = needs

    def _volume(self, folder: Path) -> _Volume:
        device = folder.stat().st_dev
        if device not in self._volumes:
            self._volumes[device] = self._opened(self._places(folder, device))
        return self._volumes[device]

    def _places(self, folder: Path, device: int) -> list[Path]:
        """Where a volume's ledger may lie: the same for all jobs that may write the same folders."""
        known = [home for home in self._homes if _device(home) == device]
        way = [*reversed(folder.parents), folder]
        below = [
            each for each in way if _device(each) == device and not any(each in home.parents for home in self._homes)
        ]
        return [*known, *below]

    def _opened(self, places: Sequence[Path]) -> _Volume:
        for place in places:
            try:
                return _Volume(place, Ledger(place, self._job))
            except OSError as error:
                if is_full(error):
                    raise storage_error(error, str(place), "StorageFailed") from error
                log.debug("No ledger of promises here", folder=str(place), error=str(error))
        log.warning("Cannot see what other jobs need on a volume", folder=str(places[-1]))
        return _Volume(places[-1], None)


def require_room(needs: Sequence[Need]) -> None:
    """Only look at what is free now."""
    for need in needs:
        _require(need.path.parent, [need], [])


def _require(home: Path, needs: Iterable[Need], others: Sequence[Sequence[Need]]) -> None:
    free, own, promised = shutil.disk_usage(home).free, outstanding(needs), [outstanding(each) for each in others]
    if lacking(free, own, promised):
        who = "another job that runs" if len(promised) == 1 else f"{len(promised)} other jobs that run"
        beside = f", {_size(sum(promised))} of them promised to {who}" if sum(promised) else ""
        text = f"{home}: the job needs about {_size(own)} on this volume and {_size(free)} are free{beside}"
        raise JobError("DiskFull", f"{text}: free space on it, or give it more", retryable=True)


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _occupied(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev
    except OSError:
        return None
