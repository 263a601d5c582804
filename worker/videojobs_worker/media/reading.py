"""How a source is read from a time on: sought, or, where nothing can be sought, decoded from its beginning. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from videojobs_worker.media.clocks import SOURCE_START, SourceTime
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.plan import seek_arguments
from videojobs_worker.media.source import Source

#: Formats without an index or timestamps, in which libavformat seeks by guess: elementary streams and single pictures.
_FROM_START: Final = frozenset({
    "aac", "ac3", "amr", "av1", "dirac", "dnxhd", "dts", "dtshd", "eac3", "h261", "h263", "h264", "hevc", "m4v",
    "mjpeg", "mpegvideo", "obu", "truehd", "vc1",
})  # fmt: skip
#: Arguments have microseconds: a keyframe's time, rounded down, would be a seek to the keyframe before.
_ROUNDED_S: Final = 1e-6
#: Formats whose index has the times of decoding, and the most frames that are shown before one that is decoded before
#: them (ITU-T H.264, A.3.1, and the frame itself).
_BY_DECODING: Final = frozenset({"mov"})
_MOST_REORDERED: Final = 17


@dataclass(frozen=True)
class Reading:
    """Options before a source's ``-i``, and the first filters of its picture and its sound.

    Behind them the time that is read from is 0, and what comes before it has negative times.
    """

    options: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    sound: tuple[str, ...] = ()


def reads_from_start(source: Source) -> bool:
    """Whether nothing can be sought in a source."""
    video = source.info.video
    untimed = video is not None and not video.times.timed
    return untimed or not _FROM_START.isdisjoint(source.info.formats) or any(map(_is_pipe, source.info.formats))


def _is_pipe(name: str) -> bool:
    return name.endswith("_pipe")


def seek_ahead_s(source: Source) -> float:
    """How much earlier to seek, so that no keyframe is found that is shown after the time.

    libavformat seeks in mp4 by the times of decoding, and 0.13 s earlier (fftools/ffmpeg_demux.c); a keyframe may be
    decoded as many frames before it is shown as refer to it.
    """
    video = source.info.video
    if video is None or not video.reordered or not _BY_DECODING.intersection(source.info.formats):
        return 0.0
    return float(_MOST_REORDERED / rate(video.times.frame_rate))


def read_from(source: Source, start_s: SourceTime) -> Reading:
    """Read a source from a time on, or from the keyframe before."""
    video = source.info.video
    before_picture = video is not None and start_s < video.times.first_pts_s - source.info.start_s
    if not (reads_from_start(source) or before_picture):
        return Reading(("-noaccurate_seek", *seek_arguments(source.info, start_s + _ROUNDED_S, seek_ahead_s(source))))
    # Where only the picture begins later, a seek would go to its first keyframe, and lose the sound before that.
    return Reading((), (frame_times(source, start_s), *frame_rate_filters(source)), (f"asetpts=PTS-{start_s:.6f}/TB",))


def frame_times(source: Source, start_s: SourceTime = SOURCE_START) -> str:
    """The filter that gives the frames of a source, read from its beginning, their times since a time in it.

    Frames without timestamps are counted. Those that a parser makes up begin elsewhere in each version of ffmpeg.
    """
    video = source.info.video
    if video is None or not reads_from_start(source):
        return f"setpts=PTS-{start_s:.6f}/TB"
    begins_s = video.times.first_pts_s - source.info.start_s - start_s
    counted = "PTS-STARTPTS" if video.times.timed else f"N/({rate(video.times.frame_rate)})/TB"
    return f"setpts={counted}+{begins_s:.6f}/TB"


def frame_rate_filters(source: Source) -> tuple[str, ...]:
    """What follows :func:`frame_times` where all frames are taken; it rounds times to the frames of the rate.

    ``setpts`` leaves the frame rate unknown since ffmpeg 7: then fftools would take the last frame to last no time.
    """
    video = source.info.video
    return (f"fps={rate(video.times.frame_rate)}",) if video and reads_from_start(source) else ()
