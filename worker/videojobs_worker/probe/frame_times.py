"""When the frames of a source are really shown, around given times: for sources whose frame rate is not constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.clocks import FileTime, SourceTime
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.process.demuxers import probed_input
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

READ_TIMEOUT_S: Final = 60.0
#: So far around a time its frame is looked for: from the keyframe before, which ffprobe seeks to, however far that is.
_AROUND_S: Final = 1.0


def read_moments(source: Source, times_s: Sequence[SourceTime], stopper: Stopper) -> list[SourceTime]:
    """When the frames around ``times_s`` are presented, in order.

    Returns:
        those that ffprobe tells; none where it tells none.

    Raises:
        StoppedError: it was stopped.
    """
    start_s = source.info.start_s
    begins = ((max(0.0, start_s + time_s - _AROUND_S), start_s + time_s + _AROUND_S) for time_s in sorted(times_s))
    spans = ",".join(f"{begin:.3f}%{end:.3f}" for begin, end in begins)
    command = (
        "ffprobe", "-v", "error", "-select_streams", str(video_of(source).index), "-read_intervals", spans,
        "-show_entries", "packet=pts_time", "-of", "csv=p=0", *probed_input(source.opened),
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S, stopper)
    return parse_moments(told.splitlines(), start_s) if code == 0 else []


def parse_moments(lines: Sequence[str], start_s: FileTime) -> list[SourceTime]:
    """The times on ffprobe's lines; spans may overlap and packets come in the order of decoding."""
    found = {line.partition(",")[0] for line in lines}
    return sorted(SourceTime(float(time) - start_s) for time in found if time and time != "N/A")
