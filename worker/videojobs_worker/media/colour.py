"""How a picture's numbers mean colours, and how one meaning becomes another. Pure.

A stream says its matrix, range, primaries and transfer function (ITU-T H.273), or leaves players to assume them:
BT.709 for high definition and for RGB, BT.601 for what is smaller. Names are ffmpeg's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from videojobs_protocol.work import PixelFormat
from videojobs_worker.media.source import VideoStream

Range = Literal["tv", "pc"]


@dataclass(frozen=True)
class Colour:
    """What the numbers of a picture mean. The matrix ``gbr`` is RGB."""

    matrix: str
    range: Range
    primaries: str
    transfer: str

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.matrix} in {'full' if self.range == 'pc' else 'limited'} range"


BT709: Final = Colour("bt709", "tv", "bt709", "bt709")
BT601: Final = Colour("smpte170m", "tv", "smpte170m", "smpte170m")
#: What JPEG files are by definition (JFIF), and WebP files.
JFIF: Final = Colour("bt470bg", "pc", "bt709", "iec61966-2-1")
WEBP: Final = Colour("bt470bg", "tv", "bt709", "iec61966-2-1")
SRGB: Final = Colour("gbr", "pc", "bt709", "iec61966-2-1")

HDR_TRANSFERS: Final = frozenset({"smpte2084", "arib-std-b67"})
#: Formats in which an HDR source stays what it is: 8 bits are too few for its steps.
_KEEP_HDR: Final = frozenset({"yuv420p10le"})
#: Matrices that outputs have, and the names of those that ffmpeg's scaler reads.
_KEPT: Final = frozenset({"bt709", "smpte170m", "bt470bg"})
_SCALER: Final[Mapping[str, str]] = {
    "bt709": "bt709", "smpte170m": "smpte170m", "bt470bg": "bt470", "fcc": "fcc", "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
}  # fmt: skip
#: The nearest to those that no filter reads.
_NEAREST: Final[Mapping[str, str]] = {"bt2020c": "bt2020nc", "ictcp": "bt2020nc", "chroma-derived-nc": "bt709"}
#: ffmpeg's scaler is off by up to four of 255 without.
_ACCURATE: Final = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
_RGB: Final = ("gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8")
#: Sides of the largest picture of standard definition, pixels.
_SD_WIDTH, _SD_HEIGHT = 1024, 576


def is_hdr(stream: VideoStream) -> bool:
    """Whether a stream's light is coded for HDR screens: PQ or HLG (ITU-R BT.2100)."""
    return stream.transfer in HDR_TRANSFERS


def is_mapped(stream: VideoStream, pixel_format: PixelFormat) -> bool:
    """Whether a stream is HDR and the pixel format is for SDR."""
    return is_hdr(stream) and pixel_format not in _KEEP_HDR


def colour_of(stream: VideoStream) -> Colour:
    """What a stream says, and what players assume where it does not."""
    if stream.pixel_format.startswith(_RGB):
        return SRGB
    full = stream.range == "pc" or stream.pixel_format.startswith("yuvj")
    if is_hdr(stream):
        assumed = Colour("bt2020nc", "tv", "bt2020", stream.transfer)
    else:
        assumed = BT709 if is_hd(stream.width, stream.height) else BT601
    named = _NEAREST.get(stream.matrix, stream.matrix)
    return Colour(
        named if named in _SCALER else assumed.matrix,
        "pc" if full else "tv",
        _known(stream.primaries, assumed.primaries),
        _known(stream.transfer, assumed.transfer),
    )


def is_hd(width: int, height: int) -> bool:
    """Whether players take an untagged picture of this size for BT.709."""
    return max(width, height) > _SD_WIDTH or min(width, height) > _SD_HEIGHT


def approximated(stream: VideoStream) -> str:
    """What of a stream's colours is read as something near, in words; empty where nothing is."""
    said, read = stream.matrix, colour_of(stream).matrix
    unsaid = ("", "unknown", "reserved")
    return "" if said in (read, *unsaid) or read == "gbr" else f"its colour matrix {said} is read as {read}"


def output_colour(stream: VideoStream, size: tuple[int, int], pixel_format: PixelFormat) -> Colour:
    """What an output gets whose first source is a stream: HDR stays where its format has room for it; BT.709 in high
    definition; else the source's, where that is one of those that players know.
    """
    own = colour_of(stream)
    if is_hdr(stream) and not is_mapped(stream, pixel_format):
        return Colour(own.matrix, "tv", own.primaries, own.transfer)
    if is_hd(*size) or own.matrix not in _KEPT or is_hdr(stream):
        return BT709
    return BT709 if own.matrix == "bt709" else Colour(own.matrix, "tv", BT601.primaries, BT601.transfer)


def same(one: Colour, other: Colour) -> bool:
    """Whether equal numbers are equal colours: BT.601 has two names."""
    family = {"bt470bg": "smpte170m"}
    matrices = [family.get(each.matrix, each.matrix) for each in (one, other)]
    return matrices[0] == matrices[1] and one.range == other.range


def read_filters(stream: VideoStream) -> list[str]:
    """What comes before all other filters where a stream says what no filter reads, or what contradicts itself."""
    read = colour_of(stream)
    if read.matrix == "gbr" or stream.matrix in ("", "unknown", read.matrix):
        return []
    return [f"setparams=colorspace={read.matrix}"]


def convert_filters(source: Colour, target: Colour, pixel_format: str) -> list[str]:
    """From one meaning of numbers to another, in a pixel format, tagged."""
    tagged = [f"format={pixel_format}", *tag_filters(target)]
    if same(source, target):
        return tagged
    into = [f"out_range={target.range}"] if target.matrix != "gbr" else []
    into += [f"out_color_matrix={_SCALER[target.matrix]}"] if target.matrix != "gbr" else []
    out_of = [f"in_color_matrix={_SCALER[source.matrix]}", f"in_range={source.range}"] if source.matrix != "gbr" else []
    return [f"scale={':'.join([*out_of, *into, _ACCURATE])}", *tagged]


def tag_filters(target: Colour) -> list[str]:
    """Say what the numbers mean, for the encoder."""
    tags = f"range={target.range}:color_primaries={target.primaries}:color_trc={target.transfer}"
    return [f"setparams={tags}:colorspace={target.matrix}"]


def tag_arguments(target: Colour) -> tuple[str, ...]:
    """The same as options of an encoder, which containers are written by."""
    return (
        "-color_range", target.range, "-colorspace", target.matrix,
        "-color_primaries", target.primaries, "-color_trc", target.transfer,
    )  # fmt: skip


def _known(said: str, assumed: str) -> str:
    return assumed if said in ("", "unknown", "reserved", "unspecified") else said
