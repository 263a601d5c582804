"""Times as subtitle files write them."""

from __future__ import annotations


def clock(seconds: float, point: str) -> str:
    """``HH:MM:SS`` and milliseconds after ``point``, which is a comma in SubRip and a full stop in WebVTT."""
    millis = round(seconds * 1000)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
