"""Ranges of a render's frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, order=True)
class FrameRange:
    """Frames ``[first, end)`` of a render, by their numbers."""

    first: int
    end: int

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.end - self.first

    def within(self, frames: FrameRange) -> FrameRange | None:
        """What of it is in another range, counted from the other's begin; None where nothing is."""
        first, end = max(self.first, frames.first), min(self.end, frames.end)
        return FrameRange(first - frames.first, end - frames.first) if first < end else None


def frame_range(start_s: float, end_s: float | None, fps: Fraction, frames: int) -> FrameRange | None:
    """The frames nearest to two times in seconds, at least one; None where a render of so many ``frames`` has none."""
    first = round(start_s * fps)
    end = frames if end_s is None else min(frames, max(first + 1, round(end_s * fps)))
    return FrameRange(first, end) if first < end else None


def merged(ranges: Iterable[FrameRange], gap: int = 0) -> list[FrameRange]:
    """The same frames in order, without overlaps; ranges that are ``gap`` frames apart or less become one."""
    joined: list[FrameRange] = []
    for each in sorted(ranges):
        if joined and each.first <= joined[-1].end + gap:
            joined[-1] = FrameRange(joined[-1].first, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined
