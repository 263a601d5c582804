"""Characters of subtitles and titles for which no font of the worker has a glyph, by what libass says. Pure."""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import Final

#: libass, ass_fontselect.c; ffmpeg shows it as a warning.
_MISSING: Final = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")
#: Nothing is drawn for these: control and format characters. Variation selectors only choose among glyphs.
_DRAWN_AS_NOTHING: Final = ("Cc", "Cf")
_SELECTORS: Final = range(0xFE00, 0xFE10)
#: So many are named.
_NAMED: Final = 5


class MissingGlyphs:
    """The characters that the runs of a plan had no glyph for. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._characters: dict[str, None] = {}

    def hear(self, line: str) -> None:
        """Take a line of ffmpeg's log."""
        if (found := _MISSING.search(line)) is None:
            return
        character = chr(int(found[1], 16))
        if unicodedata.category(character) not in _DRAWN_AS_NOTHING and ord(character) not in _SELECTORS:
            with self._lock:
                self._characters[character] = None

    @property
    def note(self) -> str:
        """What is not in the picture, in words; empty where nothing is missing."""
        named = [f"{character} (U+{ord(character):04X})" for character in self._characters]
        if not named:
            return ""
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        return f"no font of the worker has {', '.join(named[:_NAMED])}{more}: a box or nothing is drawn instead"
