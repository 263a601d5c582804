"""What lies over the joined scenes: overlays in their order, then titles. Filter chains and their inputs. Pure.

An overlay, and each state of the titles, is one frame in R'G'B' with alpha, which ``overlay`` repeats while it is
shown: it is scaled and converted once, by the render's own matrix. Where nothing is shown nothing is blended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from videojobs_protocol.work import Overlay, PixelFormat
from videojobs_worker.media.colour_filters import BLENDED, image_filters, layer_filters
from videojobs_worker.media.orientation import orientation_filters
from videojobs_worker.media.plan import input_arguments
from videojobs_worker.media.render.frame_range import FrameRange, merged_ranges
from videojobs_worker.media.render.shape import Shape
from videojobs_worker.media.render.titles import TITLES, Interval
from videojobs_worker.media.source import Source, VideoStream, video_of

#: The pixel format of a layer, by that of the picture under it.
_LAYERS: Final[dict[PixelFormat, str]] = {
    "yuv420p": "yuva420p",
    "yuv422p": "yuva422p",
    "yuv444p": "yuva444p",
    "yuv420p10le": "yuva420p10le",
}
#: Scaled premultiplied: else the colour of what is transparent would bleed into the edges.
_PREMULTIPLY, _STRAIGHTEN = "premultiply=inplace=1", "unpremultiply=inplace=1"


@dataclass(frozen=True)
class ImageLayer:
    """An overlay with its image and the frames that it is shown in."""

    overlay: Overlay
    source: Source
    frames: FrameRange


@dataclass(frozen=True)
class Layers:
    """What lies over a picture, by frame numbers of that picture."""

    images: tuple[ImageLayer, ...] = ()
    titles: tuple[Interval, ...] = ()

    @property
    def covered(self) -> list[FrameRange]:
        """The frames that anything lies over, in order."""
        return merged_ranges([*(each.frames for each in self.images), *(each.frames for each in self.titles)])

    @property
    def files(self) -> tuple[str, ...]:
        """What a run reads of it in the scratch folder."""
        return (TITLES,) if self.titles else ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The images."""
        return tuple(each.source for each in self.images)

    def within(self, frames: FrameRange) -> Layers:
        """What lies over a part of the picture, by frame numbers of the part."""
        images = [(each, each.frames.within(frames)) for each in self.images]
        titles = [(each, each.frames.within(frames)) for each in self.titles]
        return Layers(
            tuple(replace(each, frames=shown) for each, shown in images if shown),
            tuple(replace(each, frames=shown) for each, shown in titles if shown),
        )

    def inputs(self) -> list[str]:
        """An input for each image."""
        return [argument for each in self.images for argument in input_arguments(each.source.path, 1, "-noautorotate")]

    def chains(self, shape: Shape, picture: str, first_input: int) -> tuple[list[str], str]:
        """The chains that lay everything over a picture, and the label of what that becomes.

        Args:
            shape: what the picture is.
            picture: its label, with brackets.
            first_input: the number of the first image's input.
        """
        chains: list[str] = []
        for number, image in enumerate(self.images):
            label, over = f"[image{number}]", f"[over{number}]"
            chains.append(_image(image, shape, first_input + number, label))
            chains.append(_over(picture, label, over, _place(image, shape), [image.frames], shape))
            picture = over
        if self.titles:
            chains.append(_canvas(self.titles, shape, "[titles]"))
            shown = merged_ranges(each.frames for each in self.titles)
            chains.append(_over(picture, "[titles]", "[titled]", (0, 0), shown, shape))
            picture = "[titled]"
        return chains, picture


def _image(image: ImageLayer, shape: Shape, its_input: int, label: str) -> str:
    stream = video_of(image.source)
    width, height = layer_size(image.overlay, stream)
    opacity = [f"colorchannelmixer=aa={image.overlay.opacity / 100:.2f}"] if image.overlay.opacity < 100 else []
    filters = [
        *orientation_filters(stream), *image_filters(stream), _PREMULTIPLY,
        f"scale=w={width}:h={height}", _STRAIGHTEN, *opacity, *_converted(shape),
    ]  # fmt: skip
    return f"[{its_input}:{stream.index}]{','.join(filters)}{label}"


def layer_size(overlay: Overlay, stream: VideoStream) -> tuple[int, int]:
    """Width and height of an overlay in pixels of the output."""
    shown = stream.width * stream.sample_aspect
    width = overlay.width or shown
    return max(1, round(width)), max(1, round(stream.height * width / shown))


def _place(image: ImageLayer, shape: Shape) -> tuple[int, int]:
    """Where the upper left corner is, in pixels."""
    position, margin = image.overlay.position, image.overlay.margin
    width, height = layer_size(image.overlay, video_of(image.source))
    room_x, room_y = shape.width - width, shape.height - height
    x = margin if "Left" in position else room_x - margin if "Right" in position else room_x // 2
    y = margin if "Top" in position else room_y - margin if "Bottom" in position else room_y // 2
    return x, y


def _canvas(titles: Sequence[Interval], shape: Shape, label: str) -> str:
    """A transparent frame for each state of the titles, rendered at its second of the script and then put at its time.

    What is rendered on black without alpha is premultiplied.
    """
    seconds = "+".join(f"eq(N,{number})*{each.second}" for number, each in enumerate(titles))
    times = "+".join(f"eq(N,{n})*{_before_s(each.frames.first, shape):.6f}" for n, each in enumerate(titles))
    filters = [
        f"color=c=black@0:s={shape.width}x{shape.height}:r=1:d={len(titles)}", "format=rgba",
        f"setpts='({seconds})/TB'", f"ass={TITLES}:alpha=1", "settb=AVTB", f"setpts='({times})/TB'",
        "format=gbrap", _STRAIGHTEN, *_converted(shape),
    ]  # fmt: skip
    return f"{','.join(filters)}{label}"


def _converted(shape: Shape) -> list[str]:
    return layer_filters(shape.colour, _LAYERS[shape.pixel_format])


def _over(
    picture: str, layer: str, made: str, place: tuple[int, int], shown: Sequence[FrameRange], shape: Shape
) -> str:
    """Blend a layer's frames over a picture while it is shown."""
    times = "+".join(
        f"gte(t,{_before_s(each.first, shape):.6f})*lt(t,{_before_s(each.end, shape):.6f})" for each in shown
    )
    blended = BLENDED[shape.pixel_format]
    x, y = place
    return f"{picture}{layer}overlay=x={x}:y={y}:format={blended}:eof_action=repeat:enable='{times}'{made}"


def _before_s(frame: int, shape: Shape) -> float:
    """Half a frame before one is shown: no rounding of times moves it to the next."""
    return max(0.0, float((frame - 0.5) / shape.rate))
