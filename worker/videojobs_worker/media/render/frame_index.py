"""Where the frames of a file are, and at which of them it can be cut without encoding.

Only a file of constant frame rate has an index: then frame ``n`` is shown at ``start_s + n / fps``, and cuts can be
counted in frames.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from videojobs_worker.media.render.spans import WHOLE, Span, unbroken

#: How far a frame may be from its place, in frames: Matroska's clock has milliseconds.
_JITTER = 0.2


@dataclass(frozen=True)
class Keyframe:
    """A frame at which a stream can be taken apart: none before it needs it, none after needs one before.

    ``pts_s`` is when it is shown and ``dts_s`` when it is decoded, seconds on the file's clock.
    """

    frame: int
    pts_s: float
    dts_s: float


@dataclass(frozen=True)
class FrameIndex:
    """A picture stream of constant frame rate, with its keyframes in order, as far as it was read."""

    frames: int
    fps: Fraction
    keyframes: tuple[Keyframe, ...]

    def first_from(self, frame: int) -> Keyframe | None:
        """The first keyframe at or after a frame."""
        at = bisect_left(self.keyframes, frame, key=lambda key: key.frame)
        return self.keyframes[at] if at < len(self.keyframes) else None

    def last_until(self, frame: int) -> Keyframe | None:
        """The last keyframe at or before a frame."""
        at = bisect_right(self.keyframes, frame, key=lambda key: key.frame)
        return self.keyframes[at - 1] if at else None


def index_frames(
    lines: Sequence[str], fps: Fraction, first_s: float = 0.0, spans: Sequence[Span] = WHOLE
) -> FrameIndex | str:
    """An index of packets' ``pts,dts,flags``, or a text that says why there is none.

    Args:
        lines: those of the picture.
        fps: frames a second.
        first_s: when the first frame is shown.
        spans: what must be known; frames elsewhere may be missing.
    """
    packets: dict[float, tuple[float, float, bool]] = {}  # two spans may begin at the same keyframe
    for line in lines:
        pts, dts, flags = (*line.split(","), "", "")[:3]
        try:
            # Matroska has no decoding times; where they are needed it is copied into another format first.
            packet = (float(pts), float(pts if dts == "N/A" else dts), "K" in flags)
        except ValueError:
            return "a packet has no time"
        packets.setdefault(packet[0], packet)
    if not packets:
        return "it has no picture"
    places = sorted((pts - first_s) * float(fps) for pts in packets)
    numbers = [round(place) for place in places]
    if numbers[0] < 0:
        return "pictures before its start are hidden"
    even = all(abs(place - number) < _JITTER for place, number in zip(places, numbers, strict=True))
    if not even or len(set(numbers)) < len(numbers) or not unbroken(numbers, spans, first_s, float(1 / fps)):
        return "its frame rate is not constant"
    return FrameIndex(numbers[-1] + 1, fps, tuple(_keyframes([*packets.values()], first_s, fps)))


def _keyframes(packets: Sequence[tuple[float, float, bool]], first_s: float, fps: Fraction) -> list[Keyframe]:
    """Those that nothing crosses: all before in the stream are shown before, all after are shown after."""
    pts = [packet[0] for packet in packets]
    latest_before = [float("-inf"), *accumulate(pts, max)]
    earliest_after = [*reversed(list(accumulate(reversed(pts), min))), float("inf")][1:]
    return [
        Keyframe(round((time - first_s) * float(fps)), time, dts)
        for number, (time, dts, key) in enumerate(packets)
        if key and latest_before[number] < time < earliest_after[number]
    ]
