"""ffmpeg's ``-progress`` output: key=value lines, a block at a time (fftools/ffmpeg.c, print_report)."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class FfmpegProgress:
    """One block. Everything may be unknown: ffmpeg prints N/A before the first packet."""

    out_time_s: float | None = None
    speed: float | None = None  # media seconds a second
    frame: int | None = None
    ended: bool = False
    duplicates: int = 0  # of the frames, those that only fill a gap
    bytes: int | None = None  # of the output


class ProgressParser:
    """Collects lines into blocks."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def feed(self, line: str) -> FfmpegProgress | None:
        """Take one line; a block when the line ends one, else ``None``."""
        key, separator, value = line.strip().partition("=")
        if not separator:
            return None
        self._values[key] = value.strip()
        if key != "progress":
            return None
        values, self._values = self._values, {}
        micros = _number(values.get("out_time_us"))
        return FfmpegProgress(
            out_time_s=max(0.0, micros / 1e6) if micros is not None else None,
            speed=_number(values.get("speed", "").removesuffix("x")),
            frame=int(frame) if (frame := _number(values.get("frame"))) is not None else None,
            ended=value.strip() == "end",
            duplicates=int(_number(values.get("dup_frames")) or 0),
            bytes=int(size) if (size := _number(values.get("total_size"))) is not None else None,
        )


def _number(text: str | None) -> float | None:
    """A finite number, or ``None``: JSON has no words for the others."""
    try:
        number = float(text or "N/A")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
