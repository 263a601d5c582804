"""Cues: what Whisper heard, as lines that a person can read. Pure.

The bounds are those of broadcasters' style guides: 42 characters a line, two lines, at most 7 s, 20 characters a second
where there is room for it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from videojobs_worker.speech.transcript import Word

LINE_CHARACTERS = 42
LINES = 2
MAX_DURATION_S = 7.0
CHARACTERS_A_SECOND = 20.0
#: A longer pause between words ends a cue.
PAUSE_S = 0.8
#: So that no cue's end is its start once it is written in milliseconds.
MIN_DURATION_S = 0.05
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - as they are written in Chinese and Japanese


@dataclass(frozen=True)
class Cue:
    """A caption on the screen. Seconds; at most two lines; ``words`` are those it shows."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]
    words: tuple[Word, ...] = ()


def cues(words: Iterable[Word]) -> list[Cue]:
    """Words as cues: in order, never overlapping, wrapped, and on the screen for long enough to be read if possible."""
    heard = [piece for word in sorted(words, key=lambda word: word.start_s) for piece in _pieces(_safe(word))]
    timed = _in_order([_cue(block) for block in _blocks(heard)])
    following = [cue.start_s for cue in timed[1:]] + [float("inf")]
    return [_readable(cue, until) for cue, until in zip(timed, following, strict=False)]


def safe_text(text: str) -> str:
    """One line of text without what would be read as a cue's timing or a block's end."""
    return re.sub("-{2,}>", "->", " ".join(text.split()))


def _safe(word: Word) -> Word:
    text = safe_text(word.text)
    return Word(word.start_s, word.end_s, f" {text}" if word.text[:1].isspace() else text)


def _pieces(word: Word) -> Iterator[Word]:
    """A word; one that fills more than a screen, such as an address, in parts."""
    text = word.text.strip()
    size = LINE_CHARACTERS * LINES
    if not text:
        return
    if len(text) <= size:
        yield word
        return
    each = max(word.end_s - word.start_s, 0.0) / len(text)
    for at in range(0, len(text), size):
        part = text[at : at + size]
        yield Word(word.start_s + at * each, word.start_s + (at + len(part)) * each, part if at else f" {part}")


def _blocks(words: Sequence[Word]) -> Iterator[list[Word]]:
    block: list[Word] = []
    for word in words:
        if block and _ends(block, word):
            yield block
            block = []
        block.append(word)
    if block:
        yield block


def _ends(block: Sequence[Word], following: Word) -> bool:
    """Whether a cue ends before a word."""
    last = block[-1]
    full = len(_lines([*block, following])) > LINES
    long = following.end_s - block[0].start_s > MAX_DURATION_S
    pause = following.start_s - last.end_s > PAUSE_S
    sentence = last.text.endswith(_SENTENCE_END) and len(_text(block)) > LINE_CHARACTERS
    return full or long or pause or sentence


def _text(words: Iterable[Word]) -> str:
    return safe_text("".join(word.text for word in words))


def _lines(words: Iterable[Word]) -> list[str]:
    return textwrap.wrap(_text(words), LINE_CHARACTERS, break_long_words=True)


def _cue(block: Sequence[Word]) -> Cue:
    return Cue(max(block[0].start_s, 0.0), block[-1].end_s, tuple(_lines(block)), tuple(block))


def _in_order(cues: Iterable[Cue]) -> list[Cue]:
    """No cue begins before the one before it has ended, however times were heard."""
    made: list[Cue] = []
    clock = 0.0
    for cue in cues:
        start = max(cue.start_s, clock)
        clock = max(min(cue.end_s, start + MAX_DURATION_S), start + MIN_DURATION_S)
        made.append(Cue(start, clock, cue.lines, cue.words))
    return made


def _readable(cue: Cue, until_s: float) -> Cue:
    """The cue, kept on the screen until it can be read or the next one comes."""
    wanted = cue.start_s + sum(map(len, cue.lines)) / CHARACTERS_A_SECOND
    return Cue(cue.start_s, max(cue.end_s, min(wanted, until_s)), cue.lines, cue.words)
