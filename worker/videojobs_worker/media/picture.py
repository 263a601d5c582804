"""Sizes of pictures, and the filters that give them: the aspect kept, sides even, pixels square. Pure."""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import Fit
from videojobs_worker.errors import JobError
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.source import VideoStream

#: 4:2:0 has a sample of colour for two pixels.
_LEAST_SIDE: Final = 2
#: Encoders and players take no larger ones.
_LARGEST_SIDE: Final = 16_384
#: How far a side may be from what the aspect makes of the other one: sizes are rounded to even numbers of pixels.
_ROUNDED: Final = 2


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
        JobError: InvalidOutput, one side would be less than two pixels, or larger than any player takes.
    """
    shown_width, shown_height = shown_size(stream)
    aspect = shown_width / shown_height if shown_height else 16 / 9
    if width and height:
        return even(width), even(height)
    if width:
        return _checked(stream, width, round(width / aspect))
    if height:
        return _checked(stream, round(height * aspect), height)
    if stream.sample_aspect != 1 and max(shown_width, shown_height) > _LARGEST_SIDE:
        return _checked(stream, round(shown_width), round(shown_height))
    return even(shown_width), even(shown_height)


def shown_size(stream: VideoStream) -> tuple[float, float]:
    """Sides of the picture in square pixels: no pixel of it is lost."""
    if stream.sample_aspect >= 1:
        return stream.width * stream.sample_aspect, stream.height
    return stream.width, stream.height / stream.sample_aspect


def _checked(stream: VideoStream, width: int, height: int) -> tuple[int, int]:
    if min(width, height) < _LEAST_SIDE or max(width, height) > _LARGEST_SIDE:
        text = f"a picture of {stream.width}x{stream.height} would be {width}x{height}: give width and height both"
        raise JobError("InvalidOutput", text)
    return even(width), even(height)


def fit_filters(stream: VideoStream, size: tuple[int, int], fit: Fit = "Pad") -> list[str]:
    """Scale into ``size`` and fill what is left with black, or cut what is too much.

    What has the size already passes ``scale`` untouched. A size that changes midway is brought to the same one.
    ``Blur`` is as ``Pad`` here: what it fills is made by ``blurred_bars``.
    """
    width, height = size
    if fit == "Stretch":
        return [_scale(width, height), "setsar=1"]
    if fit == "Crop":
        covering = _covering(stream, size)
        cut = [] if covering == size else [f"crop=w={width}:h={height}"]
        return [_scale(*covering), *cut, "setsar=1"]
    if fits(stream, size) and not stream.variable_size:
        return [_scale(width, height), "setsar=1"]
    padded = f"pad=w={width}:h={height}:x='(ow-iw)/2':y='(oh-ih)/2':eval=frame"
    return [_scale_within(width, height), "setsar=1", padded]


def _scale(width: int, height: int) -> str:
    return f"scale=w={width}:h={height}:eval=frame"


def fits(stream: VideoStream, size: tuple[int, int]) -> bool:
    """Whether a picture of the source's aspect fills a size."""
    shown_width, shown_height = shown_size(stream)
    width, height = size
    off_width, off_height = (
        abs(width - height * shown_width / shown_height),
        abs(height - width * shown_height / shown_width),
    )
    return min(off_width, off_height) < _ROUNDED


def _scale_within(width: int, height: int) -> str:
    """The same, decided by ffmpeg for each frame; ``dar`` is its aspect as shown."""
    fits = f"lt(min(abs({width}-{height}*dar),abs({height}-{width}/dar)),{_ROUNDED})"
    within_w = f"max(2,2*trunc(min({width},{height}*dar)/2+0.01))"
    within_h = f"max(2,2*trunc(min({height},{width}/dar)/2+0.01))"
    return f"scale=w='if({fits},{width},{within_w})':h='if({fits},{height},{within_h})':eval=frame"


def _covering(stream: VideoStream, size: tuple[int, int]) -> tuple[int, int]:
    """The least even size of the source's aspect that covers a size."""
    width, height = size
    if fits(stream, size):
        return size
    shown_width, shown_height = shown_size(stream)
    share = max(width / shown_width, height / shown_height)
    return max(width, _even_up(shown_width * share)), max(height, _even_up(shown_height * share))


def size_within(stream: VideoStream, size: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the source's aspect within a size."""
    shown_width, shown_height = shown_size(stream)
    share = min(size[0] / shown_width, size[1] / shown_height)
    return even(shown_width * share + 0.01), even(shown_height * share + 0.01)


def _even_up(value: float) -> int:
    return 2 * int(-(-(value - 0.01) // 2))
