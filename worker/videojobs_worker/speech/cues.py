"""Cues: what Whisper heard, as lines that a person can read. Pure.

42 characters a line and two lines a cue are the broadcasters' usual bounds.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

LINE_CHARACTERS = 42
LINES = 2
#: So that no cue's end is its start once it is written in milliseconds.
MIN_DURATION_S = 0.05


@dataclass(frozen=True)
class Segment:
    """A piece of speech as the engine gives it. Seconds."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Cue:
    """A caption on the screen. Seconds; at most two lines."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues(segments: Iterable[Segment]) -> list[Cue]:
    """Segments as cues: in order, never overlapping, wrapped; a long segment becomes several cues.

    The time of a segment is shared among its cues by their number of characters; none is shorter than
    ``MIN_DURATION_S``, even where the engine heard much in no time.
    """
    made: list[Cue] = []
    clock = 0.0
    for segment in sorted(segments, key=lambda item: item.start_s):
        start = max(segment.start_s, clock, 0.0)
        for cue in _split(start, segment.end_s, safe_text(segment.text)):
            made.append(cue)
            clock = cue.end_s
    return made


def safe_text(text: str) -> str:
    """One line of text without what would be read as a cue's timing or a block's end."""
    return re.sub("-{2,}>", "->", " ".join(text.split()))


def _split(start_s: float, end_s: float, text: str) -> Iterable[Cue]:
    lines = textwrap.wrap(text, LINE_CHARACTERS, break_long_words=True)
    blocks = [tuple(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
    total = sum(len(line) for line in lines)
    to_share = max(end_s - start_s - MIN_DURATION_S * len(blocks), 0.0)
    at = start_s
    for block in blocks:
        end = at + MIN_DURATION_S + to_share * sum(len(line) for line in block) / total
        yield Cue(at, end, block)
        at = end
