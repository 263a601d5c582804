"""Subtitles fitted to the length of a render. Pure.

No player shows a cue past the end of the film, and muxers refuse to write cues of days. Only lines with times are read:
``start --> end`` of SubRip and WebVTT (https://www.w3.org/TR/webvtt1/#file-structure), and ``Dialogue:`` of SSA and
ASS, whose fields a line ``Format:`` names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TIME: Final = r"(?:\d+:)?\d+:\d+(?:[.,]\d+)?"
_ARROW: Final = re.compile(rf"^\s*(?P<start>{_TIME})\s*-->\s*(?P<end>{_TIME})")
_DIALOGUE: Final = re.compile(r"^\s*Dialogue\s*:", re.IGNORECASE)
_FORMAT: Final = re.compile(r"^\s*Format\s*:(.*)$", re.IGNORECASE)
#: Of events without a line that names them (v4.00 and v4.00+ have the same).
_FIELDS: Final = ("layer", "start", "end")
#: A time of ASS, within its field.
_FIELD: Final = re.compile(_TIME)


@dataclass(frozen=True)
class FittedSubtitles:
    """A file whose cues all end with the render; how many were left out, and how many end earlier than they did."""

    text: str
    left_out: int = 0
    shortened: int = 0

    def note(self, uri: str, duration_s: float) -> str:
        """What was changed, in words; empty where nothing was."""
        counts = {"left out": self.left_out, "cut off there": self.shortened}
        said = [f"{count} cue{'s' if count > 1 else ''} {verb}" for verb, count in counts.items() if count]
        return f"{uri} goes on after the render's end at {duration_s:.3f} s: {', '.join(said)}" if said else ""


@dataclass(frozen=True)
class _Times:
    """When a cue begins and ends, and which letters of its line are the end."""

    start_s: float
    end_s: float
    end_at: tuple[int, int]

    def replaced(self, line: str, end: str) -> str:
        """The line with another end."""
        return line[: self.end_at[0]] + end + line[self.end_at[1] :]


def fitted(text: str, duration_s: float) -> FittedSubtitles:
    """A SubRip, WebVTT, SSA or ASS file whose cues end with a render of ``duration_s``."""
    lines = text.split("\n")
    return _fitted_ass(lines, duration_s) if any(map(_DIALOGUE.match, lines)) else _fitted_arrows(lines, duration_s)


def _fitted_arrows(lines: list[str], duration_s: float) -> FittedSubtitles:
    """A cue's text goes on until the next one's times; its number or name stands above them."""
    kept: list[str] = []
    left_out, shortened, dropping = 0, 0, False
    for line in lines:
        times = _arrow_times(line)
        if times is None:
            kept += [] if dropping else [line]
            continue
        dropping = times.start_s >= duration_s
        if dropping:
            left_out += 1
            kept = kept[:-1] if _is_name(kept[-2:]) else kept
        elif times.end_s > duration_s:
            shortened += 1
            kept.append(times.replaced(line, _clock(duration_s, line[slice(*times.end_at)])))
        else:
            kept.append(line)
    return FittedSubtitles("\n".join(kept), left_out, shortened)


def _fitted_ass(lines: list[str], duration_s: float) -> FittedSubtitles:
    kept: list[str] = []
    left_out, shortened, fields = 0, 0, list(_FIELDS)
    for line in lines:
        if match := _FORMAT.match(line):
            fields = [name.strip().lower() for name in match[1].split(",")]
        times = _dialogue_times(line, fields)
        if times is None:
            kept.append(line)
        elif times.start_s >= duration_s:
            left_out += 1
        elif times.end_s > duration_s:
            shortened += 1
            kept.append(times.replaced(line, _ass_clock(duration_s)))
        else:
            kept.append(line)
    return FittedSubtitles("\n".join(kept), left_out, shortened)


def _is_name(last: list[str]) -> bool:
    """Whether the last of these lines, which stands above a cue's times, belongs to that cue."""
    if not last or not last[-1].strip() or last[-1].startswith("WEBVTT"):
        return False
    return last[-1].strip().isdigit() or len(last) == 1 or not last[0].strip()


def _arrow_times(line: str) -> _Times | None:
    match = _ARROW.match(line)
    return _Times(_seconds(match["start"]), _seconds(match["end"]), match.span("end")) if match else None


def _dialogue_times(line: str, fields: list[str]) -> _Times | None:
    begin = _DIALOGUE.match(line)
    if not (begin and "start" in fields and "end" in fields):
        return None
    values = line[begin.end() :].split(",")
    ends = begin.end()
    found: dict[str, re.Match[str]] = {}
    for name, value in zip(fields, values, strict=False):
        if name in ("start", "end") and (match := _FIELD.search(line, ends, ends + len(value))):
            found[name] = match
        ends += len(value) + 1
    if len(found) < 2:
        return None
    return _Times(_seconds(found["start"][0]), _seconds(found["end"][0]), found["end"].span())


def _seconds(clock: str) -> float:
    total = 0.0
    for part in clock.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def _clock(seconds: float, like: str) -> str:
    """Hours to milliseconds, with the comma of SubRip or the point of WebVTT."""
    total = int(seconds * 1000)
    text = f"{total // 3_600_000:02d}:{total // 60_000 % 60:02d}:{total // 1000 % 60:02d}.{total % 1000:03d}"
    return text.replace(".", ",") if "," in like else text


def _ass_clock(seconds: float) -> str:
    total = int(seconds * 100)
    return f"{total // 360_000}:{total // 6000 % 60:02d}:{total // 100 % 60:02d}.{total % 100:02d}"
