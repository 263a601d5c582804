"""Asks ffprobe about files, and keeps some started for the next of them where it is told to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import structlog

from videojobs_worker.media.packets import SHOW
from videojobs_worker.process.demuxers import OPEN_MEDIA, probed_input
from videojobs_worker.process.runner import capture
from videojobs_worker.process.standby import REPORT, SOURCE, Standby
from videojobs_worker.process.stopper import Stopper

TIMEOUT_S: Final = 60.0
#: Hashes are of decoders' parameters, and of packets where these are told: a fast one.
_TELL: Final = ("-of", "json", "-show_format", "-show_streams", "-show_chapters", "-show_data_hash", "murmur3")
_COMMAND: Final = ("ffprobe", "-v", "error", *OPEN_MEDIA, *_TELL, "-o", REPORT, f"file:{SOURCE}")
#: So much is read in the time that it takes to start ffprobe.
SMALL_BYTES: Final = 5e7
#: No more packets are told of: a film of SMALL_BYTES has far fewer, and a hostile file may have millions.
MOST_PACKETS: Final = 100_000
_PACKETS: Final = ("-read_intervals", f"%+#{MOST_PACKETS}", "-show_entries", SHOW)
#: So many wait: a job asks of its source, then of what it made.
AHEAD: Final = 2

log = structlog.get_logger()


class Prober:
    """Safe to use from any thread. What waits dies with the thread that called :meth:`prepare`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Standby] = []

    def prepare(self, folder: Path) -> None:
        """Have AHEAD of them wait, each with a folder of its own in this one. Where none does, asking takes longer."""
        with self._lock:
            while len(self._waiting) < AHEAD:
                try:
                    self._waiting.append(Standby(folder, _COMMAND))
                except OSError as error:
                    log.warning("Did not start an ffprobe ahead", error=str(error))
                    return

    def leave(self) -> None:
        """End what waits."""
        while waiting := self._taken():
            waiting.close()

    def ask(self, path: str, stopper: Stopper, *, packets: bool = False) -> tuple[int, str, str]:
        """ffprobe's exit code, its JSON of a file here, and the tail of its standard error.

        Args:
            path: the file.
            stopper: ends it early.
            packets: whether to tell of them too, where that takes no longer than to ask again.
        """
        more = _PACKETS if packets and _is_small(path) else ()
        waiting = None if more else self._taken()
        if waiting and (found := waiting.ask(Path(path), TIMEOUT_S, stopper)):
            return found
        return capture(["ffprobe", "-v", "error", *_TELL, *more, *probed_input(Path(path))], TIMEOUT_S, stopper)

    def ask_served(self, url: str, stopper: Stopper) -> tuple[int, str, str]:
        """The same of a source that the worker serves."""
        return capture(["ffprobe", "-v", "error", *_TELL, *probed_input(url)], TIMEOUT_S, stopper)

    def _taken(self) -> Standby | None:
        with self._lock:
            return self._waiting.pop(0) if self._waiting else None


def _is_small(path: str) -> bool:
    try:
        return Path(path).stat().st_size <= SMALL_BYTES
    except OSError:
        return False


#: This process's.
PROBER: Final = Prober()
