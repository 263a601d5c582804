"""What a picture's numbers mean: what its stream says, what is assumed where it does not, what an output gets. Pure.

A stream names its matrix, range, primaries and transfer function (ITU-T H.273), or leaves players to assume them. Names
are ffmpeg's.
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
        reach = "full" if self.range == "pc" else "limited"
        light = f", {self.transfer}" if self.hdr else ""
        return f"{self.matrix} in {reach} range with the primaries {self.primaries}{light}"

    @property
    def hdr(self) -> bool:
        """Whether light is coded for HDR screens."""
        return self.transfer in HDR_TRANSFERS


#: PQ and HLG (ITU-R BT.2100).
HDR_TRANSFERS: Final = frozenset({"smpte2084", "arib-std-b67"})
BT709: Final = Colour("bt709", "tv", "bt709", "bt709")
SRGB: Final = Colour("gbr", "pc", "bt709", "iec61966-2-1")
#: What JPEG files are by definition (JFIF), and WebP files.
JFIF: Final = Colour("bt470bg", "pc", "bt709", "iec61966-2-1")
WEBP: Final = Colour("bt470bg", "tv", "bt709", "iec61966-2-1")

#: Formats in which an HDR source stays what it is: 8 bits are too few for its steps.
_KEEP_HDR: Final = frozenset({"yuv420p10le"})
_UNSAID: Final = frozenset({"", "unknown", "unspecified", "reserved"})
_RGB: Final = ("gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8", "xyz", "bayer")
#: Luma alone, which ffmpeg takes for full range.
GRAY: Final = ("gray", "ya", "mono")
#: Matrices from which zscale converts.
_READ: Final = frozenset({
    "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "chroma-derived-nc", "ictcp",
})  # fmt: skip
#: The nearest to those from which it does not, or not with all transfer functions.
_NEAREST: Final[Mapping[str, str]] = {
    "bt2020c": "bt2020nc", "chroma-derived-c": "chroma-derived-nc", "ipt-c2": "ictcp", "ycgco-re": "ycgco",
    "ycgco-ro": "ycgco",
}  # fmt: skip
_PRIMARIES: Final = frozenset({
    "bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "smpte432",
    "jedec-p22", "ebu3213",
})  # fmt: skip
#: Transfer functions whose numbers are shown alike: players decode all of them by the screen's gamma.
SDR_TRANSFERS: Final = frozenset({
    "bt709", "smpte170m", "smpte240m", "iec61966-2-1", "iec61966-2-4", "bt1361e", "bt2020-10", "bt2020-12", "bt470m",
    "bt470bg",
})  # fmt: skip
_TRANSFERS: Final = SDR_TRANSFERS | HDR_TRANSFERS | {"linear", "log100", "log316"}
#: Names of the same matrix, and of the same primaries.
_SAME: Final[Mapping[str, str]] = {"bt470bg": "smpte170m"}
_SAME_PRIMARIES: Final[Mapping[str, str]] = {"smpte240m": "smpte170m", "ebu3213": "jedec-p22"}
#: Of standard definition, which outputs keep.
_SD_MATRICES: Final = frozenset({"smpte170m", "bt470bg"})
_SD_PRIMARIES: Final = frozenset({"bt709", "smpte170m", "bt470bg"})
#: Primaries of a television standard by its lines; what has other sizes never was on television.
_TELEVISION: Final[Mapping[int, str]] = {480: "smpte170m", 486: "smpte170m", 576: "bt470bg"}
#: Sides in pixels from which on a picture is high definition, as mpv has them.
_HD_WIDTH, _SD_HEIGHT = 1280, 576


def is_hdr(stream: VideoStream) -> bool:
    """Whether a stream's light is coded for HDR screens."""
    return colour_of(stream).hdr


def keeps_hdr(pixel_format: PixelFormat) -> bool:
    """Whether an output in a pixel format may be HDR."""
    return pixel_format in _KEEP_HDR


def is_mapped(stream: VideoStream, pixel_format: PixelFormat) -> bool:
    """Whether a stream is HDR and the pixel format is for SDR."""
    return is_hdr(stream) and not keeps_hdr(pixel_format)


def colour_of(stream: VideoStream) -> Colour:
    """What a stream says, and what players assume where it does not."""
    if stream.pixel_format.startswith(_RGB):
        return SRGB
    assumed = _assumed(stream)
    matrix = _NEAREST.get(stream.matrix, stream.matrix)
    if matrix == "ictcp" and not assumed.hdr:
        matrix = ""  # it is of HDR alone
    return Colour(
        matrix if matrix in _READ else assumed.matrix,
        assumed.range,
        stream.primaries if stream.primaries in _PRIMARIES else assumed.primaries,
        assumed.transfer,
    )


def _assumed(stream: VideoStream) -> Colour:
    full = stream.range == "pc" or stream.pixel_format.startswith("yuvj")
    if not stream.range and stream.pixel_format.startswith(GRAY):
        full = True
    reach: Range = "pc" if full else "tv"
    transfer = stream.transfer if stream.transfer in _TRANSFERS else "bt709"
    if transfer in HDR_TRANSFERS or stream.matrix.startswith("bt2020"):
        return Colour("bt2020nc", reach, "bt2020", transfer)
    if stream.codec == "mjpeg":
        return Colour(JFIF.matrix, reach, JFIF.primaries, transfer)
    if is_hd(stream.width, stream.height):
        return Colour("bt709", reach, "bt709", transfer)
    primaries = _TELEVISION.get(stream.height, "bt709")
    return Colour("bt470bg" if primaries == "bt470bg" else "smpte170m", reach, primaries, transfer)


def is_hd(width: int, height: int) -> bool:
    """Whether players take an untagged picture of this size for BT.709."""
    return max(width, height) >= _HD_WIDTH or min(width, height) > _SD_HEIGHT


def approximated(stream: VideoStream) -> str:
    """What of a stream's colours is read as something near, in words; empty where nothing is."""
    read = colour_of(stream)
    if read == SRGB:
        return ""
    rows = [
        ("matrix", stream.matrix, read.matrix),
        ("primaries", stream.primaries, read.primaries),
        ("transfer function", stream.transfer, read.transfer),
    ]
    found = [
        f"its colour {name} {said} is read as {near}"
        for name, said, near in rows
        if said not in _UNSAID and said != near
    ]
    return ", ".join(found)


def output_colour(stream: VideoStream, size: tuple[int, int], pixel_format: PixelFormat) -> Colour:
    """What an output gets whose first source is a stream: HDR stays where its format has room for it; BT.709 in high
    definition; else the source's, where that is what players know in standard definition.
    """
    own = colour_of(stream)
    if own.hdr and not is_mapped(stream, pixel_format):
        return Colour("bt2020nc", "tv", own.primaries, own.transfer)
    television = own.matrix in _SD_MATRICES and own.primaries in _SD_PRIMARIES and own.transfer in SDR_TRANSFERS
    if is_hd(*size) or own.hdr or not television:
        return BT709
    return Colour(own.matrix, "tv", own.primaries, "bt709" if own.primaries == "bt709" else "smpte170m")


def same(one: Colour, other: Colour) -> bool:
    """Whether equal numbers are equal colours."""
    return (
        same_light(one, other)
        and _SAME.get(one.matrix, one.matrix) == _SAME.get(other.matrix, other.matrix)
        and (one.range == other.range)
    )


def same_light(one: Colour, other: Colour) -> bool:
    """Whether equal R'G'B' are equal colours."""
    primaries = [_SAME_PRIMARIES.get(each.primaries, each.primaries) for each in (one, other)]
    transfers = ["" if each.transfer in SDR_TRANSFERS else each.transfer for each in (one, other)]
    return primaries[0] == primaries[1] and transfers[0] == transfers[1]
