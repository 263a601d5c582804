"""Ranges of a render's frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from videojobs_worker.media.render.intervals import merged


@dataclass(frozen=True)
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


def merged_ranges(ranges: Iterable[FrameRange]) -> list[FrameRange]:
    """The same frames in order, without overlaps."""
    return [FrameRange(*pair) for pair in merged(((each.first, each.end) for each in ranges), 0)]
