"""Asks ffprobe about files, and keeps one started for the next of them where it is told to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from videojobs_worker.process.demuxers import OPEN_MEDIA, OPEN_SERVED
from videojobs_worker.process.runner import capture
from videojobs_worker.process.standby import REPORT, SOURCE, Standby

TIMEOUT_S: Final = 60.0
_TELL: Final = ("-of", "json", "-show_format", "-show_streams", "-show_data_hash", "sha256")
_AHEAD: Final = ("ffprobe", "-v", "error", *OPEN_MEDIA, *_TELL, "-o", REPORT, f"file:{SOURCE}")


class Prober:
    """Safe to use from any thread. What waits dies with the thread that called :meth:`prepare`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Standby | None = None

    def prepare(self, folder: Path) -> None:
        """Have an ffprobe wait, with a folder of its own in this one; without one asking takes longer.

        Raises:
            OSError: it could not be started.
        """
        with self._lock:
            self._waiting = self._waiting or Standby(folder, _AHEAD)

    def leave(self) -> None:
        """End what waits."""
        if waiting := self._taken():
            waiting.close()

    def ask(self, path: str) -> tuple[int, str, str]:
        """ffprobe's exit code, its JSON of a file here, and the tail of its standard error."""
        waiting = self._taken()
        found = waiting.ask(Path(path), TIMEOUT_S) if waiting else None
        return found or capture(["ffprobe", "-v", "error", *OPEN_MEDIA, *_TELL, f"file:{path}"], TIMEOUT_S)

    def ask_served(self, url: str) -> tuple[int, str, str]:
        """The same of a source that the worker serves."""
        return capture(["ffprobe", "-v", "error", *OPEN_SERVED, *_TELL, url], TIMEOUT_S)

    def _taken(self) -> Standby | None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
        return waiting


#: This process's.
PROBER: Final = Prober()
