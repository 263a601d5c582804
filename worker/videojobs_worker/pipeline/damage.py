"""Pictures and sounds of a source that cannot be decoded whole: ffmpeg conceals them and ends well."""

from __future__ import annotations

import re
import threading
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.pipeline.reporter import Reporter

#: So many of the pictures that were made may be damaged, as recordings have them.
SHARE: Final = 0.01
#: In ffmpeg 4 to 5, and in later ones.
_DAMAGED: Final = re.compile(
    r"corrupt decoded frame|(Error (while decoding stream|submitting packet to decoder)|Decoding error).*: Invalid data"
)


class Damage:
    """What the runs of a plan said; ``frames`` is how many pictures they made. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0
        self.frames = 0
        self.last = ""

    def hear(self, line: str) -> None:
        """Take a line of ffmpeg's log."""
        if _DAMAGED.search(line):
            with self._lock:
                self.count += 1
                self.last = line

    def add(self, count: int, last: str, frames: int) -> None:
        """Add what a run has read and made."""
        with self._lock:
            self.count += count
            self.last = last or self.last
            self.frames += frames

    def tell(self, reporter: Reporter) -> None:
        """Let the user know of glitches."""
        if self.count:
            reporter.note(self._text)

    def judge(self, reporter: Reporter) -> None:
        """A broken film is no success.

        Raises:
            JobError: SourceCorrupt.
        """
        if self.count > SHARE * self.frames:
            text = f"{self._text} and cannot be decoded: write it anew"
            raise JobError("SourceCorrupt", text, log_tail=self.last)
        self.tell(reporter)

    @property
    def _text(self) -> str:
        return f"{self.count} pictures or sounds of a source are damaged"
