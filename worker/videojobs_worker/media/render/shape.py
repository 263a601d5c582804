"""What every scene of a render is brought to: size, frame rate, pixel format and sound. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from videojobs_protocol.work import Fit, MediaOutput, PixelFormat
from videojobs_worker.media.colour import BT709, Colour, is_hdr, output_colour
from videojobs_worker.media.containers import video_container_of
from videojobs_worker.media.deinterlacing import picture_rate
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.hdr_metadata import HdrMetadata
from videojobs_worker.media.picture import even, target_size
from videojobs_worker.media.picture_chain import PictureFormat
from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.sound import ENCODERS, LAYOUTS, audio_codec, encoded_channels
from videojobs_worker.media.source import video_of

#: A film of still images alone is not larger than this, unless it is asked for: photographs have any number of pixels.
_MOST_OF_IMAGES: Final = (3840, 2160)
_FPS_OF_IMAGES: Final = 25.0
_MOST_FPS: Final = 60.0
#: Slower pictures are slides: each is a still image, and scenes need not begin and end with one.
_SLIDES_FPS: Final = 1.0
#: How far a scene's start or end may be from a frame of a render that is as slow as its slides.
_ON_TIME_S: Final = 0.02


@dataclass(frozen=True)
class Shape:
    """What every scene is brought to."""

    width: int
    height: int
    fps: float
    sound: bool
    pixel_format: PixelFormat = "yuv420p"
    channels: int = 2
    colour: Colour = BT709
    fit: Fit = "Pad"
    hdr_metadata: HdrMetadata | None = None

    @property
    def rate(self) -> Fraction:
        """Frames a second, exactly."""
        return rate(self.fps)

    @property
    def picture(self) -> PictureFormat:
        """What every scene's picture is brought to."""
        return PictureFormat(self.width, self.height, self.pixel_format, self.colour, self.fit)

    @property
    def layout(self) -> str:
        """The channels of the sound, by ffmpeg's name."""
        return LAYOUTS[self.channels]


def shape_of(output: MediaOutput, cuts: Sequence[Cut], *, music: bool = False, layers: bool = False) -> Shape:
    """What was asked for; else that of the first scene that moves, else of the first one.

    Args:
        output: what was asked for.
        cuts: the scenes.
        music: whether there is sound besides that of the scenes.
        layers: whether anything is drawn over the scenes, at times of its own.
    """
    first = next((cut for cut in cuts if not cut.still), cuts[0])
    sound = (music or any(cut.source.info.audio for cut in cuts)) and output.audio.codec != "none"
    fps = output.video.fps or _fps(first, cuts, layers=layers)
    size, pixel_format = _size(output, first), output.video.pixel_format
    colour = _colour(first, cuts, size, pixel_format)
    metadata = _hdr_metadata(cuts) if colour.hdr else None
    return Shape(*size, fps, sound, pixel_format, _channels(output, cuts), colour, output.video.fit, metadata)


def _hdr_metadata(cuts: Sequence[Cut]) -> HdrMetadata | None:
    """What all scenes say alike."""
    said = {video_of(cut.source).hdr_metadata for cut in cuts}
    return said.pop() if len(said) == 1 else None


def _fps(first: Cut, cuts: Sequence[Cut], *, layers: bool) -> float:
    """The first scene's, or that of still images: slides are too slow for a scene that begins between two of them."""
    fps = min(float(picture_rate(video_of(first.source))), _MOST_FPS)
    slow = fps < _SLIDES_FPS and (layers or not all(_fits(cut, fps) for cut in cuts))
    return _FPS_OF_IMAGES if first.still or slow else fps


def _fits(cut: Cut, fps: float) -> bool:
    """Whether a scene begins and ends with frames of such a rate."""
    edges = [cut.start_s * fps, cut.duration_s * fps]
    return cut.blend is None and edges[1] > 0.5 and all(abs(at - round(at)) <= _ON_TIME_S * fps for at in edges)


def _colour(first: Cut, cuts: Sequence[Cut], size: tuple[int, int], pixel_format: PixelFormat) -> Colour:
    """As the first scene's would be alone; a render is HDR where all of its scenes are, in the same way."""
    streams = [video_of(cut.source) for cut in cuts]
    colour = output_colour(video_of(first.source), size, pixel_format)
    return colour if len({stream.transfer for stream in streams if is_hdr(video_of(first.source))}) <= 1 else BT709


def _size(output: MediaOutput, first: Cut) -> tuple[int, int]:
    asked = output.video.width, output.video.height
    width, height = target_size(video_of(first.source), *asked)
    if not first.still or asked != (None, None):
        return width, height
    share = min(1.0, *(most / side for most, side in zip(_MOST_OF_IMAGES, (width, height), strict=True)))
    return even(round(width * share)), even(round(height * share))


def _channels(output: MediaOutput, cuts: Sequence[Cut]) -> int:
    """As many as the scene with the most has, and at least two: a single channel is played by both as loud."""
    codec = audio_codec(output, video_container_of(output))
    streams = [cut.source.info.audio for cut in cuts if cut.source.info.audio]
    if codec not in ENCODERS:
        return 2
    return max(2, max((encoded_channels(codec, stream) for stream in streams), default=2))
