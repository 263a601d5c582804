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
from pathlib import Path

from videojobs_worker.process.demuxers import OPEN_MEDIA
from videojobs_worker.process.runner import capture

READ_TIMEOUT_S = 120.0
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
    """A picture stream of constant frame rate, with its keyframes in order."""

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


def read_index(path: Path, fps: Fraction) -> FrameIndex | str:
    """Ask ffprobe for every packet of the picture. A text says why there is no index."""
    command = (
        "ffprobe", "-v", "error", *OPEN_MEDIA, "-select_streams", "v:0",
        "-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0", f"file:{path}",
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S)
    return parse_index(told.splitlines(), fps) if code == 0 else "its packets cannot be read"


def parse_index(lines: Sequence[str], fps: Fraction) -> FrameIndex | str:
    """An index of ``pts,dts,flags`` lines in decoding order, or why there is none."""
    packets = []
    for line in filter(None, lines):  # side data leave empty ones
        pts, dts, flags = (*line.split(","), "", "")[:3]
        try:
            packets.append((float(pts), float(dts), "K" in flags))
        except ValueError:
            return "a packet has no time"
    if not packets:
        return "it has no picture"
    times = sorted(pts for pts, _, _ in packets)
    if not _is_steady(times, fps):
        return "its frame rate is not constant"
    return FrameIndex(len(times), fps, tuple(_keyframes(packets, times)))


def _is_steady(times: Sequence[float], fps: Fraction) -> bool:
    start, rate = times[0], float(fps)
    return all(abs((time - start) * rate - number) < _JITTER for number, time in enumerate(times))


def _keyframes(packets: Sequence[tuple[float, float, bool]], times: Sequence[float]) -> list[Keyframe]:
    """Those that nothing crosses: all before in the stream are shown before, all after are shown after."""
    pts = [packet[0] for packet in packets]
    latest_before = [float("-inf"), *accumulate(pts, max)]
    earliest_after = [*reversed(list(accumulate(reversed(pts), min))), float("inf")][1:]
    return [
        Keyframe(bisect_left(times, time), time, dts)
        for number, (time, dts, key) in enumerate(packets)
        if key and latest_before[number] < time < earliest_after[number]
    ]
