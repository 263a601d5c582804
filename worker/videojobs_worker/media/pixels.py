"""Filters that give a picture its pixel format: fields joined, HDR mapped to SDR where the format is an SDR one. Pure.

HDR is told by its transfer function: PQ (SMPTE ST 2084) or HLG (ARIB STD-B67), as in ITU-R BT.2100.
"""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import PixelFormat
from videojobs_worker.media.source import VideoStream

_HDR_TRANSFERS: Final = frozenset({"smpte2084", "arib-std-b67"})
#: Formats in which an HDR source stays what it is: 8 bits are too few for its steps.
_KEEP_HDR: Final = frozenset({"yuv420p10le"})
#: What zscale has a word for; a stream that tells nothing, or another, has HDR's own.
_PRIMARIES: Final = frozenset({"bt709", "bt2020", "smpte432"})
_MATRICES: Final = frozenset({"bt709", "bt2020nc", "bt2020c"})
#: Nits of the white that becomes SDR's: HDR's white of paper and titles (ITU-R BT.2408).
_WHITE_NITS: Final = 203


def is_hdr(stream: VideoStream) -> bool:
    """Whether a stream's light is coded for HDR screens."""
    return stream.transfer in _HDR_TRANSFERS


def is_mapped(stream: VideoStream, pixel_format: PixelFormat) -> bool:
    """Whether a stream is HDR and the pixel format is for SDR."""
    return is_hdr(stream) and pixel_format not in _KEEP_HDR


def field_filters(stream: VideoStream) -> list[str]:
    """One picture of two fields, before anything else is done to it: scaled apart they would comb."""
    return ["bwdif=mode=send_frame:deint=interlaced"] if stream.interlaced else []


def pixel_filters(stream: VideoStream, pixel_format: PixelFormat) -> list[str]:
    """The pixel format, and before it the way from HDR where need be."""
    return [*(to_sdr(stream) if is_mapped(stream, pixel_format) else ()), f"format={pixel_format}"]


def to_sdr(stream: VideoStream) -> list[str]:
    """To linear light, BT.709's primaries, a curve that keeps highlights, and BT.709's coding; nothing for SDR."""
    if not is_hdr(stream):
        return []
    primaries = stream.primaries if stream.primaries in _PRIMARIES else "bt2020"
    matrix = stream.matrix if stream.matrix in _MATRICES else "bt2020nc"
    return [
        f"zscale=tin={stream.transfer}:pin={primaries}:min={matrix}:t=linear:npl={_WHITE_NITS}", "format=gbrpf32le",
        "zscale=p=bt709", "tonemap=tonemap=mobius:desat=0", "zscale=t=bt709:m=bt709:r=limited",
    ]  # fmt: skip
