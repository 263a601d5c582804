"""Ends a run of ffmpeg that makes no progress, or far more than its inputs can give.

Progress is whatever of the output grows, and whatever is read or stored: ffmpeg moves all of an mp4 once more when it
puts the index in front, and reads far where it seeks without an index.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.process.background import Background
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress

#: Seconds without progress, where no setting says otherwise.
STALL_S: Final = 120.0
_INTERVAL_S: Final = 0.5


@dataclass(frozen=True)
class Bound:
    """The most that a run can make of its inputs; ``None`` is not bounded."""

    media_s: float | None = None
    frames: int | None = None
    bytes: int | None = None

    def exceeded(self, made: FfmpegProgress) -> str:
        """What a run has made too much of, in words; empty where nothing is."""
        rows: list[tuple[str, float | None, float | None]] = [
            ("s", made.out_time_s, self.media_s),
            ("frames", made.frame, self.frames),
            ("bytes", made.bytes, self.bytes),
        ]
        over = [
            f"{count:g} {unit} of at most {most:g}"
            for unit, count, most in rows
            if count is not None and most is not None and count > most
        ]
        return ", ".join(over)


UNBOUNDED: Final = Bound()


@dataclass(frozen=True)
class Limits:
    """When a run is ended: after ``stall_s`` seconds without progress, or where it makes more than its bound."""

    stall_s: float = STALL_S
    bound: Bound = UNBOUNDED


#: Of a run of which nothing else is known.
LIMITS: Final = Limits()


class Watchdog(Background):
    """Watches a process while the ``with`` block runs. Safe to use from any thread.

    Args:
        name: of the command, for the reader.
        pid: the process.
        limits: when it is ended.
        end: ends it.
    """

    def __init__(self, name: str, pid: int, limits: Limits, end: Callable[[], None]) -> None:
        super().__init__("watchdog")
        self._name, self._pid, self._limits, self._end = name, pid, limits, end
        self._made: tuple[object, ...] = ()
        self._moved_s = time.monotonic()
        self._error: JobError | None = None

    def check(self, tail: str) -> None:
        """Raise why the process was ended, if it was; ``tail`` is what it wrote last.

        Raises:
            JobError: RunStalled, RunawayOutput.
        """
        if self._error:
            self._error.log_tail = tail
            raise self._error

    def progress(self, made: FfmpegProgress) -> None:
        """Take a block of ffmpeg's ``-progress``."""
        counters = (made.out_time_s, made.frame, made.bytes)
        if counters != self._made:
            self._made, self._moved_s = counters, time.monotonic()
        if text := self._limits.bound.exceeded(made):
            text = f"{self._name} has made {text}, and was stopped: a source's timestamps are wrong; write it anew"
            self._stop(JobError("RunawayOutput", text))

    def _work(self) -> None:
        moved = _moved_bytes(self._pid)
        while not self._ended.wait(_INTERVAL_S):
            now = _moved_bytes(self._pid)
            if now != moved:
                moved, self._moved_s = now, time.monotonic()
            if time.monotonic() - self._moved_s > self._limits.stall_s:
                text = f"{self._name} has made no progress for {self._limits.stall_s:g} s, and was stopped"
                self._stop(JobError("RunStalled", f"{text}: is the storage slow?", retryable=True))
                return

    def _stop(self, error: JobError) -> None:
        self._error = self._error or error
        self._end()


def _moved_bytes(pid: int) -> tuple[str, ...]:
    """What a process has read, from a cache or not, and stored (proc(5)); what it writes to a pipe does not count."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:  # it has ended, or may not be looked at
        return ()
    return tuple(line for line in lines if line.startswith(("rchar:", "write_bytes:")))
