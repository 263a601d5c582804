"""When the frames of a source are really shown, around given times: for sources whose frame rate is not constant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_worker.process.demuxers import OPEN_MEDIA
from videojobs_worker.process.runner import capture

READ_TIMEOUT_S: Final = 60.0
#: So far before and after a time its frame is looked for; a slide may be shown for long.
_BEFORE_S, _AFTER_S = 60.0, 1.0


def read_moments(path: Path, start_s: float, times_s: Sequence[float]) -> list[float]:
    """The times of the frames around ``times_s``, in order, seconds from the file's beginning.

    Args:
        start_s: the file's own clock at its beginning.

    Returns:
        those that ffprobe tells; none where it tells none.
    """
    spans = ",".join(f"{max(0.0, start_s + t - _BEFORE_S):.3f}%{start_s + t + _AFTER_S:.3f}" for t in sorted(times_s))
    command = (
        "ffprobe", "-v", "error", *OPEN_MEDIA, "-select_streams", "v:0", "-read_intervals", spans,
        "-show_entries", "packet=pts_time", "-of", "csv=p=0", f"file:{path}",
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S)
    return parse_moments(told.splitlines(), start_s) if code == 0 else []


def parse_moments(lines: Sequence[str], start_s: float) -> list[float]:
    """The times on ffprobe's lines; spans may overlap and packets come in the order of decoding."""
    found = {line.partition(",")[0] for line in lines}
    return sorted(float(time) - start_s for time in found if time and time != "N/A")
