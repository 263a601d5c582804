"""Filters that bring a picture from one meaning of its numbers to another, and options that say which it is. Pure.

zscale converts: it rounds well, knows nearly all that streams say, and takes a fifth of swscale's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from videojobs_worker.media.colour import GRAY, SDR_TRANSFERS, SRGB, Colour, colour_of, same, same_light
from videojobs_worker.media.source import VideoStream

#: Numbers of H.273 for names that versions of zscale spell differently.
_CODES: Final[Mapping[str, str]] = {"smpte240m": "7"}
#: Nits of the white that becomes SDR's: HDR's white of paper and titles (ITU-R BT.2408).
_WHITE_NITS: Final = 203
#: What all filters take for granted. Others are named to zscale alone: ffmpeg 7 refuses them elsewhere.
_PLAIN: Final = frozenset({"bt709", "smpte170m", "bt470bg", "bt2020nc"})
#: Matrices that colorspace reads, and the formats that it writes where it does not write those that outputs have.
_COLORSPACE: Final = frozenset({"bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc"})
_COLORSPACE_FORMATS: Final[Mapping[str, str]] = {"yuvj420p": "yuv420p", "yuv420p10le": "yuv420p10"}
#: What swscale calls matrices that images have.
_SCALER: Final[Mapping[str, str]] = {"bt470bg": "bt601", "smpte170m": "bt601", "bt2020nc": "bt2020"}
#: What overlay calls the pixel formats of outputs.
BLENDED: Final[Mapping[str, str]] = {
    "yuv420p": "yuv420", "yuv422p": "yuv422", "yuv444p": "yuv444", "yuv420p10le": "yuv420p10",
}  # fmt: skip
#: What HDR says of its screen and its light would be wrong of another picture; encoders are handed it since ffmpeg 7.
WITHOUT_METADATA: Final = tuple(
    f"sidedata=mode=delete:type={name}"
    for name in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DYNAMIC_HDR_PLUS")
)
#: Four pixels share a sample of colour, and widths are not whole multiples of that.
_COARSE: Final[Mapping[str, str]] = {
    "yuv410p": "yuv444p", "yuv411p": "yuv444p", "yuvj411p": "yuvj444p", "uyyvyy411": "yuv444p",
}  # fmt: skip


def read_filters(stream: VideoStream) -> list[str]:
    """What comes before all other filters where a stream says what some of them refuse."""
    read = colour_of(stream)
    if read.matrix == "gbr":
        return []
    said = (stream.matrix, stream.primaries, stream.transfer)
    carried = read.matrix if read.matrix in _PLAIN else "bt709"
    strange = stream.matrix not in ("", "unknown", carried) or "reserved" in said
    tags = f"setparams=colorspace={carried}:color_primaries={read.primaries}:color_trc={read.transfer}"
    coarse = [f"format={_COARSE[stream.pixel_format]}"] if stream.pixel_format in _COARSE else []
    return [*([tags] if strange else []), *coarse]


def colour_filters(stream: VideoStream, target: Colour, pixel_format: str) -> list[str]:
    """From a stream's colours to others, HDR mapped to SDR where need be, in a pixel format, tagged."""
    return [*_converted(colour_of(stream), target, pixel_format), f"format={pixel_format}", tag_filter(target)]


def image_filters(stream: VideoStream) -> list[str]:
    """A still image as R'G'B' with alpha, whose sides may be odd: zscale and colorspace take none such."""
    read = colour_of(stream)
    if read.matrix == "gbr" or stream.pixel_format.startswith(GRAY):
        return ["format=gbrap"]
    matrix = _SCALER.get(read.matrix, "bt709")
    return [f"scale=in_color_matrix={matrix}:in_range={read.range}:flags=accurate_rnd+full_chroma_inp", "format=gbrap"]


def layer_filters(target: Colour, pixel_format: str) -> list[str]:
    """From R'G'B' with alpha to an output's colours, the alpha kept, which colorspace loses.

    zscale refuses to subsample the colours of odd sides, so that swscale does. In HDR white is as bright as paper
    (ITU-R BT.2408).
    """
    whole = pixel_format.replace("420", "444").replace("422", "444")
    formats = [f"format={whole}", f"format={pixel_format}", tag_filter(target)]
    if target.hdr:
        made = f"{_zscale(None, _as_coded(target))}:npl={_WHITE_NITS}"
        return [*_linear(SRGB, "gbrapf32le"), made, *formats]
    return [_zscale(_as_coded(SRGB), _as_coded(target)), *formats]


def _converted(source: Colour, target: Colour, pixel_format: str) -> list[str]:
    planar = ["format=gbrp"] if target.matrix == "gbr" else []
    if same(source, target):
        return []
    if source.hdr and not target.hdr:
        return [*_linear(source), "tonemap=tonemap=mobius:desat=0", *_coded(target), *WITHOUT_METADATA, *planar]
    if same_light(source, target):
        return [_zscale(_as_coded(source, target), _as_coded(target)), *planar]
    if not {source.transfer, target.transfer} <= SDR_TRANSFERS or source.matrix not in _COLORSPACE:
        return [_zscale(_as_coded(source), _as_coded(target)), *planar]
    if target.matrix == "gbr":
        between = Colour("bt709", "tv", target.primaries, target.transfer)
        return [_colorspace(source, between, "yuv444p"), *_converted(between, target, pixel_format)]
    return [_colorspace(source, target, _COLORSPACE_FORMATS.get(pixel_format, pixel_format))]


def _coded(target: Colour) -> list[str]:
    """From light, which may be of colours that R'G'B' has not: those are cut as R'G'B', as screens would cut them.

    Y'CbCr has room for some of them, and none for others: its numbers cut one by one would be another hue.
    """
    cut = _zscale(None, _as_coded(SRGB))
    return [cut] if target.matrix == "gbr" else [cut, "format=gbrp12le", _zscale(_as_coded(SRGB), _as_coded(target))]


def tag_filter(target: Colour) -> str:
    """Says what the numbers mean, for the encoder."""
    tags = f"range={target.range}:color_primaries={target.primaries}:color_trc={target.transfer}"
    return f"setparams={tags}:colorspace={target.matrix}"


def tag_arguments(target: Colour) -> tuple[str, ...]:
    """The same as options of an encoder, which containers are written by."""
    return (
        "-color_range", target.range, "-colorspace", target.matrix,
        "-color_primaries", target.primaries, "-color_trc", target.transfer,
    )  # fmt: skip


def _linear(source: Colour, pixel_format: str = "gbrpf32le") -> list[str]:
    """To linear light in BT.709's primaries, 1.0 being SDR's white.

    zscale has no path to frames of a transfer function and no primaries, which those of an image and others have not.
    """
    coded = (
        f"zscale=min={_code(source.matrix)}:rin={_range(source)}:pin={source.primaries}:tin={source.transfer}"
        f":t=linear:p={source.primaries}:npl={_WHITE_NITS}"
    )
    return [coded, f"format={pixel_format}", "zscale=p=bt709"]


def _as_coded(colour: Colour, light: Colour | None = None) -> Colour:
    """With a transfer function that zscale converts by; with the light of another colour where that is the same.

    The numbers of SDR are shown alike whatever their transfer function is called, and none is converted to another.
    """
    primaries, transfer = (light or colour).primaries, (light or colour).transfer
    hdr_or_scene = transfer in ("smpte2084", "arib-std-b67", "linear", "log100", "log316")
    return Colour(colour.matrix, colour.range, primaries, transfer if hdr_or_scene else "bt709")


def _zscale(source: Colour | None, target: Colour) -> str:
    """From a meaning, or from what the frames say, to another."""
    made = f"m={_code(target.matrix)}:r={_range(target)}:p={target.primaries}:t={target.transfer}"
    if source is None:
        return f"zscale={made}"
    read = f"min={_code(source.matrix)}:rin={_range(source)}:pin={source.primaries}:tin={source.transfer}"
    return f"zscale={read}:{made}"


def _colorspace(source: Colour, target: Colour, pixel_format: str) -> str:
    """Other primaries of SDR, by the camera's curve as BT.709 has it: zscale takes a screen's instead."""
    read = f"ispace={source.matrix}:irange={source.range}:iprimaries={source.primaries}:itrc=bt709"
    made = f"space={target.matrix}:range={target.range}:primaries={target.primaries}:trc=bt709"
    return f"colorspace={read}:{made}:format={pixel_format}"


def _code(matrix: str) -> str:
    return _CODES.get(matrix, matrix)


def _range(colour: Colour) -> str:
    return "full" if colour.range == "pc" else "limited"
