"""Filters that give a picture its size: the aspect kept, sides even, pixels square."""

from __future__ import annotations

from videojobs_protocol.work import VideoSettings
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.pixels import field_filters, pixel_filters
from videojobs_worker.media.source import VideoStream


def even(value: float) -> int:
    """The nearest even number of pixels that is not larger, at least 2: 4:2:0 has no odd sides."""
    return max(2, int(value) // 2 * 2)


def is_constant(stream: VideoStream) -> bool:
    """Whether its frames come evenly: its packets say so, or its header, of a rate that cameras have and no mean."""
    times = stream.times
    return times.constant and (times.measured or rate(times.frame_rate).denominator in (1, 1001))


def target_size(stream: VideoStream, width: int | None, height: int | None) -> tuple[int, int]:
    """Size of the output in pixels, from what was asked and what the source shows."""
    shown = stream.width * stream.sample_aspect
    aspect = shown / stream.height if stream.height else 16 / 9
    if width and height:
        return even(width), even(height)
    if width:
        return even(width), even(round(width / aspect))
    if height:
        return even(round(height * aspect)), even(height)
    return even(shown), even(stream.height)


def fit_filters(stream: VideoStream, size: tuple[int, int]) -> list[str]:
    """Scale into ``size`` and fill what is left with black; nothing where it fits already."""
    width, height = size
    if (stream.width, stream.height) == size and stream.sample_aspect == 1.0:
        return ["setsar=1"]
    square = ["scale=w='trunc(iw*sar/2)*2':h=ih,setsar=1"] if stream.sample_aspect != 1.0 else []
    return [
        *square,
        f"scale=w={width}:h={height}:force_original_aspect_ratio=decrease:force_divisible_by=2",
        f"pad=w={width}:h={height}:x='(ow-iw)/2':y='(oh-ih)/2'",
        "setsar=1",
    ]


def picture_filters(stream: VideoStream, video: VideoSettings) -> str:
    """The ``-vf`` of a transcode: size, frame rate, pixel format."""
    size = target_size(stream, video.width, video.height)
    filters = [*field_filters(stream), *fit_filters(stream, size)]
    if video.fps:
        filters.append(f"fps={rate(video.fps)}")
    return ",".join([*filters, *pixel_filters(stream, video.pixel_format)])
