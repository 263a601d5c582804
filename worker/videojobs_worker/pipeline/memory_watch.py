"""Stops a job that uses more memory than there is for it, ffmpeg's and Whisper's included."""

from __future__ import annotations

from typing import Final

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.background import Background
from videojobs_worker.process.memory import used_bytes
from videojobs_worker.process.stopper import Stopper

INTERVAL_S: Final = 1.0


class MemoryWatch(Background):
    """Looks at this process and its children in a thread of its own while the ``with`` block runs."""

    def __init__(self, stopper: Stopper, limit_bytes: int) -> None:
        super().__init__("memory")
        self._stopper, self._limit = stopper, limit_bytes

    def _work(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            if (used := used_bytes()) > self._limit:
                text = (
                    f"the job uses {used / 1e6:.0f} MB and may use {self._limit / 1e6:.0f} MB: "
                    "give the pool more memory (or raise MAX_JOB_MEMORY_BYTES), or make a smaller size"
                )
                self._stopper.stop(StoppedError("OutOfMemory", text, retryable=True))
                return
