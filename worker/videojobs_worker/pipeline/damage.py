"""Pictures and sounds of a source that cannot be decoded whole: ffmpeg conceals them and ends well."""

from __future__ import annotations

import re
import threading
from typing import Final

from videojobs_protocol.work import Damage as Policy
from videojobs_worker.errors import JobError
from videojobs_worker.pipeline.reporter import Reporter

#: More damaged ones than this share of the frames that were made, and than this number, are a broken film; so is half
#: of any number. Recordings have fewer, and short clips must not fail for one.
SHARE: Final = 0.01
NUMBER: Final = 10
_HALF: Final = 0.5
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

    def judge(self, reporter: Reporter, policy: Policy = "Tolerate") -> None:
        """A broken film is no success, and with ``Fail`` no damaged one is.

        Raises:
            JobError: SourceCorrupt.
        """
        if policy == "Fail" and self.count:
            text = f"{self._text}, and damage: Fail was asked for: set it to Tolerate, or write the source anew"
            raise JobError("SourceCorrupt", text, log_tail=self.last)
        if self.broken:
            text = f"{self._text} and cannot be decoded: write it anew"
            raise JobError("SourceCorrupt", text, log_tail=self.last)
        self.tell(reporter)

    @property
    def broken(self) -> bool:
        """Whether it is more than a recording may have."""
        few = self.count <= NUMBER or self.count <= SHARE * self.frames
        return self.count > 0 and (not few or self.count >= _HALF * self.frames)

    @property
    def _text(self) -> str:
        return f"{self.count} pictures or sounds of a source are damaged"
