"""Fields become frames of their own: 25 interlaced frames a second are 50 pictures a second. Pure."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.source import VideoStream

#: Codecs whose decoders say of each frame whether it is two fields. Of others the container says it of all.
_SAYING: Final = frozenset({
    "cavs", "dnxhd", "dvvideo", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "prores", "vc1", "vvc",
    "wmv3",
})  # fmt: skip


def picture_rate(stream: VideoStream) -> Fraction:
    """Pictures a second, where each field becomes one."""
    frames = stream.times.frame_rate
    return 2 * frames if stream.interlaced else frames


def _keeps_fields(stream: VideoStream, fps: float | Fraction | None) -> bool:
    """Whether an output of ``fps`` frames a second, or of all that the source has, has a frame for each field."""
    return stream.interlaced and (fps is None or rate(fps) > rate(stream.times.frame_rate))


def field_filters(stream: VideoStream, fps: float | Fraction | None) -> list[str]:
    """Deinterlace before anything is scaled, which would mix the fields; nothing where there are none.

    Args:
        stream: the source's.
        fps: frames a second of the output; None where it has all pictures.
    """
    if not stream.interlaced:
        return []
    order = "bff" if stream.bottom_first else "tff"
    named = [] if stream.codec in _SAYING else [f"setfield=mode={order}"]
    mode = "send_field" if _keeps_fields(stream, fps) else "send_frame"
    return [*named, f"bwdif=mode={mode}:deint=interlaced"]
