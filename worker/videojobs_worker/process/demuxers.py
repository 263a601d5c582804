"""How a file that may be hostile is opened: from this disk only, and only as media.

ffmpeg tells a format by its content, and some formats (HLS, DASH, concat, SVG) name other files and addresses that are
opened at once, before anybody can ask what the file was. So only demuxers that read nothing but their own file are
allowed, also inside of AVI and MXF: https://ffmpeg.org/ffmpeg-formats.html#Format-Options. ``image2`` takes a name for
a pattern of names; it is for our own pictures, and no source is opened under the name that its owner gave it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CONTAINERS: Final = (
    "aiff", "asf", "avi", "caf", "dv", "flac", "flv", "gxf", "ivf", "matroska", "mov", "mp3", "mpeg", "mpegts", "mxf",
    "nut", "ogg", "rm", "w64", "wav", "webm", "wtv", "yuv4mpegpipe",
)  # fmt: skip
_ELEMENTARY: Final = (
    "aac", "ac3", "amr", "av1", "dirac", "dnxhd", "dts", "dtshd", "eac3", "h261", "h263", "h264", "hevc", "m4v",
    "mjpeg", "mpegvideo", "obu", "truehd", "vc1",
)  # fmt: skip
_PICTURES: Final = (
    "apng", "bmp_pipe", "dpx_pipe", "exr_pipe", "gif", "gif_pipe", "image2", "j2k_pipe", "jpeg_pipe", "pam_pipe",
    "pgm_pipe", "png_pipe", "ppm_pipe", "tiff_pipe", "webp_pipe",
)  # fmt: skip
_MEDIA: Final = ",".join((*_CONTAINERS, *_ELEMENTARY, *_PICTURES))

_ONLY: Final = ("-protocol_whitelist", "file", "-format_whitelist")
#: Put before a source's ``-i``.
OPEN_MEDIA: Final = (*_ONLY, _MEDIA)
#: Put before a source's ``-i`` that the worker serves itself: the only address there is, as no container opens others.
#: No proxy of the environment comes between, and little is asked for before it is read: all of it is fetched from afar.
OPEN_SERVED: Final = (
    "-protocol_whitelist", "http,tcp", "-http_proxy", "", "-recv_buffer_size", "32768",
    "-format_whitelist", ",".join(_CONTAINERS),
)  # fmt: skip
#: Put before an ``-i`` too where the container's header tells how to decode: nothing is decoded to find that out.
TRUST_HEADER: Final = ("-nofind_stream_info",)
#: Containers whose headers tell.
HEADERS_TELL: Final = frozenset({"mov", "matroska"})
#: Put before our own list of sources, each of which is opened as above.
OPEN_LIST: Final = (*_ONLY, f"concat,{_MEDIA}", "-f", "concat", "-safe", "0")


def probed_input(opened: Path | str) -> tuple[str, ...]:
    """ffprobe's last arguments: a file of this disk, or as a text the address of a source that the worker serves."""
    return (*OPEN_SERVED, opened) if isinstance(opened, str) else (*OPEN_MEDIA, f"file:{opened}")
