"""The one way in which a source's picture becomes an output's: of a render's scene, a transcode, a preview. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from videojobs_protocol.work import Fit, VideoSettings
from videojobs_worker.media.blurred_bars import on_blurred
from videojobs_worker.media.colour import Colour, output_colour
from videojobs_worker.media.colour_filters import colour_filters, read_filters
from videojobs_worker.media.deinterlacing import field_filters, picture_rate
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import fit_filters, fits, target_size
from videojobs_worker.media.source import VideoStream

#: Formats with an alpha channel, by how ffmpeg calls them, and those in which it is multiplied.
_ALPHA_YUV, _ALPHA_RGB = ("yuva", "ayuv", "vuya"), ("rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "pal8")
_MULTIPLIED_YUV: Final = "format=yuva444p|yuva444p9le|yuva444p10le|yuva444p16le"
_MULTIPLIED_RGB: Final = "format=gbrap|gbrap10le|gbrap12le|gbrap16le"


@dataclass(frozen=True)
class PictureFormat:
    """What a picture is brought to. ``pixel_format`` is ffmpeg's name."""

    width: int
    height: int
    pixel_format: str
    colour: Colour
    fit: Fit = "Pad"

    def has_blurred_bars(self, stream: VideoStream) -> bool:
        """Whether what a picture leaves of the size shows it blurred."""
        return self.fit == "Blur" and not fits(stream, (self.width, self.height))


def picture_chain(
    stream: VideoStream,
    wanted: PictureFormat,
    fps: float | Fraction | None = None,
    pace: Sequence[str] = (),
    name: str = "",
) -> list[str]:
    """The filters of a picture.

    Args:
        stream: the source's.
        wanted: what it is brought to.
        fps: frames that the output takes of a second of the source; None where it takes all.
        pace: the filters that give the output's frame rate. They stand where fewer frames are scaled: what is dropped
            need not be, what is repeated need be once.
        name: its own in a graph of several pictures.
    """
    size = wanted.width, wanted.height
    colours = colour_filters(stream, wanted.colour, wanted.pixel_format)
    if wanted.has_blurred_bars(stream):
        # Behind overlay fps would drop the last frame: in ffmpeg 5 overlay ends when that begins.
        shown = [*pace, on_blurred(stream, size, wanted.pixel_format, colours, name)]
    else:
        fit = fit_filters(stream, size, wanted.fit)
        dropping = fps is not None and rate(fps) <= rate(picture_rate(stream))
        shown = [*([*pace, *fit] if dropping else [*fit, *pace]), *colours]
    return [*read_filters(stream), *_onto_black(stream), *field_filters(stream, fps), *shown]


def _onto_black(stream: VideoStream) -> list[str]:
    """What is transparent becomes black: what lies under it was never meant to be seen."""
    if stream.pixel_format.startswith(_ALPHA_YUV):
        return [_MULTIPLIED_YUV, "premultiply=inplace=1"]
    if stream.pixel_format.startswith(_ALPHA_RGB):
        return [_MULTIPLIED_RGB, "premultiply=inplace=1"]
    return []


def transcode_format(stream: VideoStream, video: VideoSettings) -> PictureFormat:
    """What a transcode's picture is brought to.

    Raises:
        JobError: InvalidOutput, one side would be less than two pixels.
    """
    size = target_size(stream, video.width, video.height)
    colour = output_colour(stream, size, video.pixel_format)
    return PictureFormat(*size, video.pixel_format, colour, video.fit)


def transcode_chain(stream: VideoStream, video: VideoSettings) -> list[str]:
    """The filters of a transcode."""
    pace = [f"fps={rate(video.fps)}"] if video.fps else []
    return picture_chain(stream, transcode_format(stream, video), video.fps, pace)
