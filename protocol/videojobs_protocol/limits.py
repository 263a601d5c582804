"""What the fields of work may hold. The API server holds VideoJobs to it, and workers hold messages to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Limit:
    """Of a number its least and most; of a text or a list its most characters or items, and of a text its pattern."""

    least: float = -math.inf
    most: float = math.inf
    size: int = 1 << 20
    pattern: str = ""


#: A stream of a source: all of a kind, the default one, its number from 0, or an ISO 639 code of its language.
SELECTOR: Final = "all|default|[0-9]{1,3}|[a-z]{2,3}"
#: No control characters: a title is a line.
LINE: Final = r"[^\x00-\x1f\x7f]*"
_SECONDS: Final = Limit(0, 1e7)

LIMITS: Final[Mapping[tuple[str, str], Limit]] = {
    ("AudioSettings", "loudness_lufs"): Limit(-31, -9),
    ("AudioSettings", "streams"): Limit(size=16, pattern=SELECTOR),
    ("MediaOutput", "subtitle_streams"): Limit(size=16, pattern=SELECTOR),
    ("MediaOutput", "title"): Limit(size=200, pattern=LINE),
    ("Scene", "duration_s"): _SECONDS,
    ("Scene", "speed"): Limit(0.25, 4),
    ("Scene", "gain_db"): Limit(-60, 20),
    ("Scene", "audio_stream"): Limit(size=8, pattern=f"|(?!all$)({SELECTOR})"),
    ("Scene", "chapter"): Limit(size=200, pattern=LINE),
    ("Render", "overlays"): Limit(size=20),
    ("Render", "titles"): Limit(size=50),
    ("Overlay", "margin"): Limit(0, 4096),
    ("Overlay", "width"): Limit(2, 8192),
    ("Overlay", "opacity"): Limit(1, 100),
    ("Overlay", "start_s"): _SECONDS,
    ("Overlay", "end_s"): _SECONDS,
    ("Title", "text"): Limit(size=500, pattern=r"[^\x00-\x09\x0b-\x1f\x7f]+"),
    ("Title", "font"): Limit(size=64, pattern=r"[A-Za-z0-9][A-Za-z0-9 _-]*"),
    ("Title", "size"): Limit(8, 1000),
    ("Title", "color"): Limit(size=7, pattern="#[0-9a-fA-F]{6}"),
    ("Title", "margin"): Limit(0, 4096),
    ("Title", "start_s"): _SECONDS,
    ("Title", "end_s"): _SECONDS,
    ("Music", "gain_db"): Limit(-60, 20),
    ("Music", "ducking_db"): Limit(-60, 0),
    ("Music", "fade_out_s"): Limit(0, 3600),
    ("Caption", "audio_stream"): Limit(size=8, pattern=f"|(?!all$)({SELECTOR})"),
}


def check(value: object) -> None:
    """Hold a piece of work to its choices and limits: some of it comes into ffmpeg's arguments.

    Raises:
        ValueError: names the field and its value.
    """
    hints = get_type_hints(type(value))
    for each in fields(value):  # type: ignore[arg-type]
        held = getattr(value, each.name)
        if limit := LIMITS.get((type(value).__name__, each.name)):
            _check_limit(each.name, held, limit)
        allowed = literals(hints[each.name])
        for one in held if isinstance(held, tuple) else (held,):
            if is_dataclass(one):
                check(one)
            elif allowed and one not in (None, *allowed):
                raise ValueError(f"{each.name}: {one!r:.80} is none of {', '.join(map(str, allowed))}")


def literals(hint: Any) -> list[Any]:
    """The values that a type names, also within a union or a list."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [choice for part in get_args(hint) for choice in literals(part)]


def _check_limit(name: str, held: object, limit: Limit) -> None:
    match held:
        case bool() | None:
            return
        case int() | float():
            if not limit.least <= held <= limit.most:
                raise ValueError(f"{name}: {held!r} is not from {limit.least:g} to {limit.most:g}")
        case str():
            if len(held) > limit.size or (limit.pattern and not re.fullmatch(limit.pattern, held)):
                raise ValueError(f"{name}: {held!r:.80} is not as it may be: {limit.pattern or limit.size}")
        case tuple():
            if len(held) > limit.size:
                raise ValueError(f"{name}: {len(held)} are given, {limit.size} at most")
            for one in held:
                if isinstance(one, str):
                    _check_limit(name, one, limit)
        case _:
            raise ValueError(f"{name}: {held!r:.80} is of no type that it may be")
