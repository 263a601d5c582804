"""Titles: texts over the picture, rendered by libass from a script in the scratch folder. Pure.

libass finds fonts through fontconfig, takes glyphs that a font lacks from another one, shapes scripts and wraps lines.
The script is Advanced SubStation Alpha v4.00+. It does not show a title at its time of the render but counts the
intervals between titles' begins and ends, one a second: second ``n`` of the script is what is seen in interval ``n``.
So one frame an interval is rendered, and no time is rounded to ASS's hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from videojobs_protocol.work import Position, Title
from videojobs_worker.media.render.frame_range import FrameRange

#: Name of the script in the scratch folder.
TITLES: Final = "titles.ass"
#: Of ASS: as on the numeric keys of a keyboard.
_ALIGNMENT: Final[dict[Position, int]] = {
    "BottomLeft": 1, "Bottom": 2, "BottomRight": 3,
    "Left": 4, "Center": 5, "Right": 6,
    "TopLeft": 7, "Top": 8, "TopRight": 9,
}  # fmt: skip
#: Shown as nothing, and between a backslash and a letter it makes sure that they are no escape sequence.
_WORD_JOINER: Final = "\u2060"
_ESCAPED: Final = str.maketrans({"\\": f"\\{_WORD_JOINER}", "{": "\\{", "\r": "", "\n": "\\N"})
_HEADER: Final = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
"""
_EVENTS: Final = """
[Events]
Format: Layer, Start, End, Style, Text
"""
#: Encoding of a style: the first letter decides whether a line runs from the right.
_BY_FIRST_LETTER: Final = -1


@dataclass(frozen=True)
class TimedTitle:
    """A title with the frames of the render that it is shown in."""

    title: Title
    frames: FrameRange


@dataclass(frozen=True)
class Interval:
    """Frames throughout which the same titles are shown, and the second of the script that shows them."""

    second: int
    frames: FrameRange


def intervals_of(titles: Sequence[TimedTitle]) -> tuple[Interval, ...]:
    """From each begin or end of a title to the next one, in order; those that show nothing are left out."""
    found = (Interval(number, FrameRange(*pair)) for number, pair in enumerate(pairwise(_edges(titles))))
    return tuple(each for each in found if any(title.frames.within(each.frames) for title in titles))


def titles_script(titles: Sequence[TimedTitle], width: int, height: int) -> str:
    """The script for a picture of that size in pixels."""
    edges = _edges(titles)
    styles = [_style(number, each.title) for number, each in enumerate(titles)]
    events = [
        _event(number, each.title, edges.index(each.frames.first), edges.index(each.frames.end))
        for number, each in enumerate(titles)
    ]
    return "\n".join([_HEADER.format(width=width, height=height) + "\n".join(styles), _EVENTS + "\n".join(events), ""])


def _edges(titles: Sequence[TimedTitle]) -> list[int]:
    return sorted({edge for each in titles for edge in (each.frames.first, each.frames.end)})


def _style(number: int, title: Title) -> str:
    margins = (title.margin,) * 3
    red, green, blue = (title.color[at : at + 2] for at in (1, 3, 5))
    fields = (
        f"title-{number}", title.font, title.size, f"&H00{blue}{green}{red}", 0, 0, _ALIGNMENT[title.position],
        *margins, _BY_FIRST_LETTER,
    )  # fmt: skip
    return f"Style: {','.join(map(str, fields))}"


def _event(number: int, title: Title, first: int, end: int) -> str:
    """In a layer of its own: libass moves texts of one layer out of each other's way."""
    text = title.text.translate(_ESCAPED)
    return f"Dialogue: {number},{_clock(first)},{_clock(end)},title-{number},{text}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.00"
