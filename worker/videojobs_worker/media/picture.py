"""Filters that give a picture its size: the aspect kept, sides even, pixels square."""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import Fit, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.colour import Colour, output_colour
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.pixels import field_filters, pixel_filters
from videojobs_worker.media.source import VideoStream

#: 4:2:0 has a sample of colour for two pixels.
_LEAST_SIDE: Final = 2


def even(value: float) -> int:
    """The nearest even number of pixels that is not larger, at least 2: 4:2:0 has no odd sides."""
    return max(2, int(value) // 2 * 2)


def is_constant(stream: VideoStream) -> bool:
    """Whether its frames come evenly: its packets say so, or its header, of a rate that cameras have and no mean."""
    times = stream.times
    return times.constant and (times.measured or rate(times.frame_rate).denominator in (1, 1001))


def target_size(stream: VideoStream, width: int | None, height: int | None) -> tuple[int, int]:
    """Size of the output in pixels, from what was asked and what the source shows.

    Raises:
        JobError: InvalidOutput, one side would be less than two pixels.
    """
    shown_width, shown_height = shown_size(stream)
    aspect = shown_width / shown_height if shown_height else 16 / 9
    if width and height:
        return even(width), even(height)
    if width:
        return _checked(stream, width, round(width / aspect))
    if height:
        return _checked(stream, round(height * aspect), height)
    return even(shown_width), even(shown_height)


def shown_size(stream: VideoStream) -> tuple[float, float]:
    """Sides of the picture in square pixels: no pixel of it is lost."""
    if stream.sample_aspect >= 1:
        return stream.width * stream.sample_aspect, stream.height
    return stream.width, stream.height / stream.sample_aspect


def _checked(stream: VideoStream, width: int, height: int) -> tuple[int, int]:
    if min(width, height) < _LEAST_SIDE:
        text = f"a picture of {stream.width}x{stream.height} would be {width}x{height}: give width and height both"
        raise JobError("InvalidOutput", text)
    return even(width), even(height)


def fit_filters(stream: VideoStream, size: tuple[int, int], fit: Fit = "Pad") -> list[str]:
    """Scale into ``size`` and fill what is left with black, or cut what is too much; nothing where it fits already."""
    width, height = size
    if (stream.width, stream.height) == size and stream.sample_aspect == 1.0:
        return ["setsar=1"]
    if fit == "Stretch":
        return [f"scale=w={width}:h={height}", "setsar=1"]
    scaled = f"scale=w={width}:h={height}:force_original_aspect_ratio"
    if fit == "Crop":
        placed = [f"{scaled}=increase", f"crop=w={width}:h={height}"]
    else:
        placed = [
            f"{scaled}=decrease:force_divisible_by=2",
            f"pad=w={width}:h={height}:x='(ow-iw)/2':y='(oh-ih)/2'",
        ]
    return [*_square(stream), *placed, "setsar=1"]


def _square(stream: VideoStream) -> list[str]:
    """Pixels become square by more of them, never by fewer."""
    if stream.sample_aspect == 1.0:
        return []
    wide = stream.sample_aspect > 1
    sides = "w='trunc(iw*sar/2)*2':h=ih" if wide else "w=iw:h='trunc(ih/sar/2)*2'"
    return [f"scale={sides}", "setsar=1"]


def transcode_colour(stream: VideoStream, video: VideoSettings) -> Colour:
    """The colours of a transcode's output."""
    return output_colour(stream, target_size(stream, video.width, video.height), video.pixel_format)


def picture_filters(stream: VideoStream, video: VideoSettings) -> str:
    """The ``-vf`` of a transcode: size, frame rate, pixel format, colours."""
    size = target_size(stream, video.width, video.height)
    filters = [*field_filters(stream), *fit_filters(stream, size, video.fit)]
    if video.fps:
        filters.append(f"fps={rate(video.fps)}")
    return ",".join([*filters, *pixel_filters(stream, video.pixel_format, transcode_colour(stream, video))])
