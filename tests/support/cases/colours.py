"""Films whose colours are coded in unusual ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.cases.case import AAC, H264, Case, copied, made, plain, played
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT601_525, BT601_625, BT709, Colour, film, picture

#: Matrices that HDR may come with, by ffmpeg's names, and x265's. zscale knows the first of them alone.
MATRICES: Final = {
    "bt2020nc": "bt2020nc", "bt2020c": "bt2020c", "chroma-derived-nc": "chroma-derived-nc",
    "chroma-derived-c": "chroma-derived-c", "ictcp": "ictcp",
}  # fmt: skip
#: Codes of matrices that mean nothing or have no conversion (ITU-T H.273, table 4), in streams that are BT.709.
RESERVED: Final = {"reserved": 3, "unspecified": 2, "smpte240m": 7, "fcc": 4, "ycgco": 8, "smpte2085": 11}

#: How opaque a translucent film is, of 1.
OPAQUE: Final = 0.75


def hdr(folder: Path, matrix: str) -> Case:
    """PQ in ten bits, tagged with a matrix; the numbers are those of BT.2020's, whatever the tag says."""
    path = folder / f"hdr-{matrix}.mp4"
    tags = f"colorprim=bt2020:transfer=smpte2084:colormatrix={MATRICES[matrix]}:log-level=error"
    ffmpeg("-f", "lavfi", "-i", f"{picture(1)},scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le",
           *played(1), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", tags, *AAC, str(path))  # fmt: skip
    return Case(path, film(1))


def hlg(folder: Path) -> Case:
    """HLG in ten bits, as broadcasters and telephones write it."""
    path = folder / "hlg.mp4"
    tags = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=error"
    ffmpeg("-f", "lavfi", "-i", f"{picture(2)},scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le",
           *played(2), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", tags, *AAC, str(path))  # fmt: skip
    return Case(path, film(2))


def hdr_bt2020c(folder: Path) -> Case:
    """HDR of constant luminance, which no filter converts from."""
    return hdr(folder, "bt2020c")


def with_matrix(folder: Path, name: str) -> Case:
    """BT.709 whose header names another matrix by its number."""
    change = f"h264_metadata=matrix_coefficients={RESERVED[name]}"
    path = copied(folder / f"matrix-{name}.mp4", plain(folder).path, "-bsf:v", change)
    return Case(path, plain(folder).film)


def bt601_525(folder: Path) -> Case:
    """Standard definition of 525 lines."""
    return made(folder / "bt601-525.mp4", colour=BT601_525)


def bt601_625(folder: Path) -> Case:
    """Standard definition of 625 lines."""
    return made(folder / "bt601-625.mp4", colour=BT601_625)


def full_range(folder: Path) -> Case:
    """BT.709 from 0 to 255, as telephones and screen recorders write it."""
    return made(folder / "full-range.mp4", colour=replace(BT709, full=True))


def jpeg(folder: Path) -> Case:
    """Motion JPEG: full range, BT.601's matrix, without a tag."""
    path = folder / "jpeg.mov"
    ffmpeg("-f", "lavfi", "-i", f"{picture()},scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p", *played(),
           "-c:v", "mjpeg", "-q:v", "2", *AAC, str(path))  # fmt: skip
    return Case(path, film())


def rgb_screen(folder: Path) -> Case:
    """A screen recording in R'G'B'."""
    path = folder / "screen.mkv"
    ffmpeg("-f", "lavfi", "-i", f"{picture()},format=rgb24", *played(), "-c:v", "libx264rgb", "-preset", "ultrafast",
           *AAC, str(path))  # fmt: skip
    return Case(path, film())


def rgb_with_alpha(folder: Path) -> Case:
    """An animation in PNGs with an alpha channel, all of it opaque."""
    path = folder / "animation.mov"
    ffmpeg("-f", "lavfi", "-i", f"{picture(1)},format=rgba", "-c:v", "png", str(path))
    return Case(path, film(1, sound=False))


def translucent(folder: Path) -> Case:
    """An animation in PNGs, three quarters opaque everywhere."""
    path = folder / "translucent.mov"
    ffmpeg("-f", "lavfi", "-i", f"{picture(2)},format=rgba,colorchannelmixer=aa={OPAQUE}", "-c:v", "png", str(path))
    return Case(path, film(2, sound=False))


def ten_bits(folder: Path) -> Case:
    """SDR in ten bits and 4:2:2, as cameras write it."""
    return made(folder / "ten-bits.mp4", colour=Colour(pixel_format="yuv422p10le"))


def solid(path: Path, rgb: str, colour: Colour) -> Path:
    """Two seconds of one colour."""
    ffmpeg("-f", "lavfi", "-i", f"color={rgb}:s=320x180:r=25:d=2,format=gbrp,{colour.filters}", *H264, *colour.tags,
           str(path))  # fmt: skip
    return path


def red601(folder: Path) -> Path:
    """Two seconds of red in standard definition."""
    return solid(folder / "red601.mp4", "red", BT601_525)


def white_full(folder: Path) -> Path:
    """Two seconds of white that is 255."""
    return solid(folder / "white-full.mp4", "white", replace(BT601_525, full=True, pixel_format="yuvj420p"))


def many_kinds(folder: Path) -> list[Case]:
    """Films of one content in as many codings as there are here."""
    return [make(folder) for make in (bt601_525, plain, full_range, bt601_625, rgb_screen, ten_bits, jpeg)]
