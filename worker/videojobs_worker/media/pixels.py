"""Filters that give a picture its pixel format: fields joined, HDR mapped to SDR, colours as the output says. Pure."""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import PixelFormat
from videojobs_worker.media.colour import BT709, Colour, colour_of, convert_filters, is_hdr, is_mapped, read_filters
from videojobs_worker.media.source import VideoStream

#: What zscale has a word for; a stream that tells nothing, or another, has HDR's own.
_PRIMARIES: Final = frozenset({"bt709", "bt2020", "smpte432"})
#: Nits of the white that becomes SDR's: HDR's white of paper and titles (ITU-R BT.2408).
WHITE_NITS: Final = 203


def field_filters(stream: VideoStream) -> list[str]:
    """Before anything else: what no filter reads is named, and two fields become one picture, as scaled apart they
    would comb.
    """
    fields = ["bwdif=mode=send_frame:deint=interlaced"] if stream.interlaced else []
    return [*read_filters(stream), *fields]


def pixel_filters(stream: VideoStream, pixel_format: PixelFormat, target: Colour) -> list[str]:
    """The pixel format and the colours of an output, and before them the way from HDR where need be."""
    if is_hdr(stream) and (is_mapped(stream, pixel_format) or target.transfer != stream.transfer):
        return [*to_sdr(stream), *convert_filters(BT709, target, pixel_format)]
    return convert_filters(colour_of(stream), target, pixel_format)


def image_filters(stream: VideoStream, pixel_format: str, target: Colour) -> list[str]:
    """The same for a still image, which is never HDR."""
    return [*to_sdr(stream), *convert_filters(BT709 if is_hdr(stream) else colour_of(stream), target, pixel_format)]


def to_sdr(stream: VideoStream) -> list[str]:
    """To linear light, BT.709's primaries, a curve that keeps highlights, and BT.709's coding; nothing for SDR."""
    if not is_hdr(stream):
        return []
    primaries = stream.primaries if stream.primaries in _PRIMARIES else "bt2020"
    read = colour_of(stream)
    range_in = "full" if read.range == "pc" else "limited"
    return [
        f"zscale=tin={stream.transfer}:pin={primaries}:min={read.matrix}:rin={range_in}:t=linear:npl={WHITE_NITS}",
        "format=gbrpf32le", "zscale=p=bt709", "tonemap=tonemap=mobius:desat=0", "zscale=t=bt709:m=bt709:r=limited",
    ]  # fmt: skip
