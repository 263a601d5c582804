"""ffprobe's texts as numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def seconds_of(text: str | None) -> float | None:
    """Seconds; None for ``N/A`` and the like."""
    try:
        return float(text or "N/A")
    except ValueError:
        return None


def ratio_of(text: str | None) -> Fraction | None:
    """``30000/1001`` or ``4:3``; None for ``0/0`` and the like."""
    try:
        return Fraction((text or "0").replace(":", "/")) or None
    except (ValueError, ZeroDivisionError):
        return None


def count_of(text: str | None) -> int | None:
    """A whole number; None for ``N/A`` and the like."""
    return int(text) if text and text.isdecimal() else None


def tagged_end_s(stream: dict[str, Any]) -> float | None:
    """When a stream of Matroska ends, on the file's clock: its tag DURATION, ``00:01:02.500000000``."""
    parts = [seconds_of(part) for part in stream.get("tags", {}).get("DURATION", "").split(":")]
    if len(parts) != 3 or None in parts:
        return None
    hours, minutes, seconds = (part or 0.0 for part in parts)
    return hours * 3600 + minutes * 60 + seconds
