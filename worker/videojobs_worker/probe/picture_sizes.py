"""Whether the size of a source's picture changes midway, of which its header tells only the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.source import Source, video_of
from videojobs_worker.probe.measurement import MOST_PACKETS
from videojobs_worker.process.demuxers import OPEN_MEDIA
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

#: The units that tell a size, by their types: H.264's and H.265's sequence parameter sets (ITU-T H.264, table 7-1;
#: H.265, table 7-1) and MPEG-2's sequence headers (ITU-T H.262, table 6-1).
_UNITS: Final = {"h264": 7, "hevc": 33, "mpeg2video": 179}
#: Codecs whose keyframes each tell theirs, which is known only by decoding them.
_IN_KEYFRAMES: Final = frozenset({"vp8", "vp9"})
_LEAST_TIMEOUT_S: Final = 60.0
#: A slow volume gives more bytes a second, and so do keyframes that are decoded.
_SLOWEST_BPS: Final = 2e6


def changes_size(source: Source, stopper: Stopper) -> bool:
    """Read all of a local source's picture, and decode its keyframes where its parameters change.

    Returns:
        False too where nothing can be read: then copying or encoding it fails with an error of its own.

    Raises:
        StoppedError: it was stopped.
    """
    stream = video_of(source)
    if not stream.variable_size or stream.codec not in {*_UNITS, *_IN_KEYFRAMES}:
        return False
    if stream.codec in _UNITS and len(set(_parameters(source, stopper))) < 2:
        return False
    return len(set(_keyframe_sizes(source, stopper))) > 1


def _parameters(source: Source, stopper: Stopper) -> list[str]:
    """A hash of each packet's."""
    stream = video_of(source)
    units = f"filter_units=pass_types={_UNITS[stream.codec]}"
    lines = _answer(
        source, stopper, "ffmpeg", "-nostdin", "-v", "error", *OPEN_MEDIA, "-i", f"file:{source.path}",
        "-map", f"0:{stream.index}", "-c", "copy", "-frames:v", str(MOST_PACKETS), "-bsf:v", units,
        "-f", "framemd5", "-",
    )  # fmt: skip
    return [line.split(",")[5].strip() for line in lines if line.count(",") >= 5 and not line.startswith("#")]


def _keyframe_sizes(source: Source, stopper: Stopper) -> list[str]:
    lines = _answer(
        source, stopper, "ffprobe", "-v", "error", "-skip_frame", "nokey",
        "-select_streams", str(video_of(source).index), "-show_entries", "frame=width,height", "-of", "csv=p=0",
        *OPEN_MEDIA, f"file:{source.path}",
    )  # fmt: skip
    return [line.rstrip(",") for line in lines if line[:1].isdecimal()]  # side data ends a line with a comma


def _answer(source: Source, stopper: Stopper, *command: str) -> Sequence[str]:
    code, output, _ = capture(command, _LEAST_TIMEOUT_S + source.info.bytes / _SLOWEST_BPS, stopper)
    return [] if code else output.splitlines()
