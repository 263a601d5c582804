"""What was heard, as values. Seconds from the source's beginning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A spoken word. ``text`` begins with a space where one stands before it, as Whisper's tokens do."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """Words in the order of speech, and their language (ISO 639)."""

    words: tuple[Word, ...]
    language: str


@dataclass(frozen=True)
class Window:
    """A piece of the sound in which somebody speaks."""

    start_s: float
    end_s: float


def shared_out(start_s: float, end_s: float, text: str) -> tuple[Word, ...]:
    """Words of a text whose own times are not known: they share its time by their characters."""
    parts = text.split()
    total = sum(map(len, parts))
    words, at = [], start_s
    for part in parts:
        end = at + max(end_s - start_s, 0.0) * len(part) / total
        words.append(Word(at, end, f" {part}"))
        at = end
    return tuple(words)
