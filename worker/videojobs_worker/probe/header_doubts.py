"""Whether a file's header can be believed about its times, or its packets must be asked. Pure.

Of an ordinary file nothing is doubted, so that nothing more is read of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from videojobs_worker.media.source import Doubt
from videojobs_worker.probe.ffprobe_values import count_of, ratio_of, seconds_of, tagged_end_s

Streams = Sequence[dict[str, Any]]

#: Formats whose headers, or ends as libavformat reads them, say how long they are. Others guess, or say nothing.
_TELLING: Final = frozenset({
    "aiff", "asf", "avi", "caf", "dv", "flac", "gxf", "matroska", "mov", "mpeg", "mpegts", "mxf", "nut", "ogg", "w64",
    "wav", "wtv", "yuv4mpegpipe",
})  # fmt: skip
#: Nothing that is watched has fewer bits a second, or lasts longer: such a header lies, mostly.
_LEAST_BPS: Final = 1000
_MOST_S: Final = 24 * 3600.0
#: How far the number of frames may be from what rate and length make.
_FRAMES_APART: Final = 0.25


def doubts_of(container: dict[str, Any], streams: Streams) -> frozenset[Doubt]:
    """What is doubted of ffprobe's ``format`` and its picture and sound ``streams``."""
    formats = set(container.get("format_name", "").split(","))
    doubted: set[Doubt] = set()
    if streams and (_says_nothing(container, formats, streams) or _implausible(container)):
        doubted.add("length")
    if "mov" in formats and (_fragmented(streams) or _miscounted(streams)):
        doubted.add("length")
    if "matroska" in formats and streams:  # a recorder that is stopped leaves any length in its header
        doubted.add("length")
    if any(_uneven(stream) for stream in streams):
        doubted.add("rate")
    return frozenset(doubted)


def _says_nothing(container: dict[str, Any], formats: set[str], streams: Streams) -> bool:
    if not formats & _TELLING or not seconds_of(container.get("duration")):
        return True
    return not all(seconds_of(stream.get("duration")) or tagged_end_s(stream) for stream in streams)


def _implausible(container: dict[str, Any]) -> bool:
    length_s = seconds_of(container.get("duration")) or 0.0
    bits = 8 * int(container.get("size", 0))
    return length_s > _MOST_S or (bits > 0 and bits < _LEAST_BPS * length_s)


def _fragmented(streams: Streams) -> bool:
    """The index of a fragmented mp4 counts no frames, and its length is what whoever began it guessed."""
    return not all(count_of(stream.get("nb_frames")) for stream in streams)


def _miscounted(streams: Streams) -> bool:
    """An edit list hides frames, which are counted all the same."""
    return any(_frames_differ(stream) for stream in streams if stream.get("codec_type") == "video")


def _frames_differ(stream: dict[str, Any]) -> bool:
    rate, length_s = ratio_of(stream.get("avg_frame_rate")), seconds_of(stream.get("duration"))
    frames = count_of(stream.get("nb_frames"))
    return None not in (rate, length_s, frames) and abs((frames or 0) - (length_s or 0.0) * (rate or 0)) > _FRAMES_APART


def _uneven(stream: dict[str, Any]) -> bool:
    mean, least = ratio_of(stream.get("avg_frame_rate")), ratio_of(stream.get("r_frame_rate"))
    return stream.get("codec_type") == "video" and mean is not None and mean != least
