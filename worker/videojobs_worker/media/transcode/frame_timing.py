"""How the frames of a transcode keep their source's times: uneven ones, uncounted ones, a last one that stands long.

Pure.
"""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import Container, MediaOutput, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import is_constant
from videojobs_worker.media.reading import frame_rate_filters, frame_times, reads_from_start
from videojobs_worker.media.source import Source, VideoStream, video_of
from videojobs_worker.process.ffmpeg_build import FfmpegBuild

#: Ticks a second in which the times of other formats are whole: Matroska's own, and MPEG's for mp4.
_TICKS: Final[dict[Container, int]] = {"mp4": 90_000, "mkv": 1000, "webm": 1000}
_AS_TIMED: Final = ("-fps_mode:v", "vfr")
#: A picture that begins later, in frames, is not filled up from the file's start.
_AT_ONCE: Final = 0.1
#: A last frame that stands for more frames than this stands long.
_LONG: Final = 1.5
#: Its libavcodec, that of ffmpeg 6.1, is the first whose encoders keep how long a frame stands.
_KEEPS_DURATIONS: Final = (60, 31)
#: Encoders that store frames in another order than they are presented in; then mp4 loses the end of the last one.
_REORDERING: Final = frozenset({"h264", "h265"})


def check_timed(output: MediaOutput, stream: VideoStream) -> None:
    """Refuse to copy frames without timestamps: no container holds them.

    Raises:
        JobError: InvalidOutput.
    """
    if output.video.codec == "copy" and not stream.times.timed:
        text = f"{output.uri}: the source's frames have no timestamps: choose a codec instead of copy"
        raise JobError("InvalidOutput", text)


def timing_filters(source: Source) -> tuple[str, ...]:
    """The filters that come before all others."""
    return (frame_times(source), *frame_rate_filters(source)) if reads_from_start(source) else ()


def timing_arguments(
    source: Source, video: VideoSettings, container: Container, ffmpeg: FfmpegBuild
) -> tuple[str, ...]:
    """Of uneven frames those of the source: encoders would round them to a rate.

    Even ones stay even: where one of them is lost, the one before is repeated. But none is before the picture begins.
    """
    stream = video_of(source)
    if video.fps:
        return ()
    if not is_constant(stream) and stream.times.timed:
        last = _last_frame(stream, video, container, ffmpeg) if _stands_long(stream) else ()
        return (*_AS_TIMED, "-enc_time_base:v", ffmpeg.source_time_base, *last)
    fps = rate(stream.times.frame_rate)
    counted = reads_from_start(source)
    if source.info.picture_starts_s * fps < _AT_ONCE:
        # Of slides ffmpeg takes the clock's ticks for their rate.
        return (*(("-r:v", str(fps)) if counted or fps < 1 else ()), "-fps_mode:v", "cfr")
    return (*_AS_TIMED, *(("-enc_time_base:v", f"{fps.denominator}/{fps.numerator}") if counted else ()))


def _stands_long(stream: VideoStream) -> bool:
    return stream.times.last_frame_s * stream.times.frame_rate > _LONG


def _last_frame(
    stream: VideoStream, video: VideoSettings, container: Container, ffmpeg: FfmpegBuild
) -> tuple[str, ...]:
    """What keeps the time that the last frame stands."""
    in_order = ("-bf", "0") if video.codec in _REORDERING else ()
    if ffmpeg.libavcodec >= _KEEPS_DURATIONS:
        return in_order
    ticks = _TICKS[container]
    lasts = f"setts=duration='if(eq(NEXT_PTS,NOPTS),{round(stream.times.last_frame_s * ticks)},DURATION)'"
    scale = ("-video_track_timescale", str(ticks)) if container == "mp4" else ()
    return (*in_order, "-bsf:v", lasts, *scale)
