"""Stops a job that uses more memory than there is for it, ffmpeg's and Whisper's included."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.memory import used_bytes
from videojobs_worker.process.stopper import Stopper

INTERVAL_S: Final = 1.0


class MemoryWatch:
    """Looks at this process and its children in a thread of its own while the ``with`` block runs."""

    def __init__(self, stopper: Stopper, limit_bytes: int) -> None:
        self._stopper, self._limit = stopper, limit_bytes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            if (used := used_bytes()) > self._limit:
                text = (
                    f"the job uses {used / 1e6:.0f} MB and may use {self._limit / 1e6:.0f} MB: "
                    "give the pool more memory (or raise MAX_JOB_MEMORY_BYTES), or make a smaller size"
                )
                self._stopper.stop(StoppedError("OutOfMemory", text, retryable=True))
                return
