"""What the fields of work may hold. The API server holds VideoJobs to it, and workers hold messages to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Final


@dataclass(frozen=True)
class Limit:
    """Of a number its least and most; of a text or a list its fewest and most characters or items.

    A ``pattern`` is that of a text, or of each one in a list.
    """

    least: float = -math.inf
    most: float = math.inf
    fewest: int = 0
    size: int = 1 << 20
    pattern: str = ""


#: A stream of a source: all of a kind, the default one, its number from 0, or an ISO 639 code of its language.
SELECTOR: Final = "all|default|[0-9]{1,3}|[a-z]{2,3}"
_ONE_SELECTOR: Final = Limit(size=8, pattern=f"|(?!all$)({SELECTOR})")
#: No control characters: a title is a line.
LINE: Final = r"[^\x00-\x1f\x7f]*"
#: More than any media lasts, and less than a clock of 64 bits and nanoseconds holds.
_SECONDS: Final = Limit(0, 9e9)
_PIXELS: Final = Limit(2, 8192)
_MARGIN: Final = Limit(0, 4096)
_GAIN: Final = Limit(-60, 20)
_BITS_PER_SECOND: Final = Limit(1_000, 1e12)

LIMITS: Final[Mapping[tuple[str, str], Limit]] = {
    ("VideoSettings", "width"): _PIXELS,
    ("VideoSettings", "height"): _PIXELS,
    ("VideoSettings", "fps"): Limit(1, 240),
    ("VideoSettings", "crf"): Limit(0, 63),
    ("VideoSettings", "bitrate_bps"): _BITS_PER_SECOND,
    ("AudioSettings", "bitrate_bps"): _BITS_PER_SECOND,
    ("AudioSettings", "loudness_lufs"): Limit(-31, -9),
    ("AudioSettings", "streams"): Limit(size=16, pattern=SELECTOR),
    ("MediaOutput", "subtitle_streams"): Limit(size=16, pattern=SELECTOR),
    ("MediaOutput", "title"): Limit(size=200, pattern=LINE),
    ("Transition", "duration_s"): _SECONDS,
    ("Scene", "start_s"): _SECONDS,
    ("Scene", "end_s"): _SECONDS,
    ("Scene", "duration_s"): _SECONDS,
    ("Scene", "speed"): Limit(0.25, 4),
    ("Scene", "gain_db"): _GAIN,
    ("Scene", "audio_stream"): _ONE_SELECTOR,
    ("Scene", "chapter"): Limit(size=200, pattern=LINE),
    ("Render", "scenes"): Limit(fewest=1, size=1000),
    ("Render", "overlays"): Limit(size=20),
    ("Render", "titles"): Limit(size=50),
    ("Overlay", "margin"): _MARGIN,
    ("Overlay", "width"): _PIXELS,
    ("Overlay", "opacity"): Limit(1, 100),
    ("Overlay", "start_s"): _SECONDS,
    ("Overlay", "end_s"): _SECONDS,
    ("Title", "text"): Limit(fewest=1, size=500, pattern=r"[^\x00-\x09\x0b-\x1f\x7f]*"),
    ("Title", "font"): Limit(size=64, pattern=r"[A-Za-z0-9][A-Za-z0-9 _-]*"),
    ("Title", "size"): Limit(8, 1000),
    ("Title", "color"): Limit(size=7, pattern="#[0-9a-fA-F]{6}"),
    ("Title", "margin"): _MARGIN,
    ("Title", "start_s"): _SECONDS,
    ("Title", "end_s"): _SECONDS,
    ("Music", "gain_db"): _GAIN,
    ("Music", "ducking_db"): Limit(-60, 0),
    ("Music", "fade_out_s"): Limit(0, 3600),
    ("Preview", "frames"): Limit(1, 1000),
    ("Preview", "times_s"): Limit(0, 9e9, size=1000),
    ("Preview", "width"): _PIXELS,
    ("Sprite", "columns"): Limit(1, 100),
    ("Sprite", "width"): _PIXELS,
    ("Transcode", "outputs"): Limit(fewest=1, size=8),
    ("Caption", "language"): Limit(size=3, pattern="[a-z]{2,3}"),
    ("Caption", "audio_stream"): _ONE_SELECTOR,
}


def check(value: object, path: str = "") -> None:
    """Hold a piece of work to its limits: some of it comes into ffmpeg's arguments.

    Raises:
        ValueError: names the field and its value.
    """
    for each in fields(value):  # type: ignore[arg-type]
        held, place = getattr(value, each.name), f"{path}.{each.name}" if path else each.name
        if limit := LIMITS.get((type(value).__name__, each.name)):
            _check(place, held, limit)
        if is_dataclass(held):
            check(held, place)
        if isinstance(held, tuple):
            for number, one in enumerate(held):
                if is_dataclass(one):
                    check(one, f"{place}[{number}]")


def _check(place: str, held: object, limit: Limit) -> None:
    match held:
        case int() | float():
            _check_number(place, held, limit)
        case str():
            _check_text(place, held, limit)
        case tuple():
            _check_size(place, len(held), limit, "entries")
            for number, one in enumerate(held):
                if isinstance(one, str | float):
                    _check(f"{place}[{number}]", one, limit)


def _check_number(place: str, held: float, limit: Limit) -> None:
    if not limit.least <= held <= limit.most:  # so is what is no number
        raise ValueError(f"{place}: {held!r:.80} is not from {limit.least:g} to {limit.most:g}")


def _check_text(place: str, held: str, limit: Limit) -> None:
    _check_size(place, len(held), limit, "characters")
    if limit.pattern and not re.fullmatch(limit.pattern, held):
        raise ValueError(f"{place}: {held!r:.80} does not match {limit.pattern}")


def _check_size(place: str, size: int, limit: Limit, what: str) -> None:
    if not limit.fewest <= size <= limit.size:
        raise ValueError(f"{place}: has {size} {what}, and not from {limit.fewest} to {limit.size}")
