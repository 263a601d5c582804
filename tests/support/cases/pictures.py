"""Films whose pictures have an unusual shape, size, order or rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.boxes import set_rotation
from tests.support.cases.case import AAC, H264, Case, made, played, shown
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT601_525, BT709, FPS, Film, film, picture

#: Filters that turn a picture so that a player's turning by so many degrees brings it back.
_BACK: Final = {90: "transpose=2", 180: "hflip,vflip", 270: "transpose=1"}


def turned(folder: Path, degrees: int) -> Case:
    """A telephone held otherwise: the picture is stored lying, and shown turned."""
    path = folder / f"turned-{degrees}.mp4"
    size = "320x180" if degrees == 180 else "180x320"
    ffmpeg("-f", "lavfi", "-i", f"{picture(3, size=size)},{_BACK[degrees]},{BT709.filters}", *played(), *H264,
           *BT709.tags, *AAC, str(path))  # fmt: skip
    return Case(set_rotation(path, degrees), film())


def anamorphic_turned(folder: Path) -> Case:
    """Pixels of 4:3, and turned by 90 degrees: 108x192 as it is shown."""
    path = folder / "anamorphic-turned.mp4"
    ffmpeg("-f", "lavfi", "-i", f"{picture(3, size='108x144')},{_BACK[90]},{BT709.filters},setsar=4/3", *played(),
           *H264, *BT709.tags, *AAC, str(path))  # fmt: skip
    return Case(set_rotation(path, 90), film())


def anamorphic(folder: Path) -> Case:
    """PAL's wide screen: 720x576 in pixels of 64:45 is 1024x576."""
    path = folder / "anamorphic.mp4"
    ffmpeg("-f", "lavfi", "-i", f"{picture(2, size='720x576')},{BT709.filters},setsar=64/45", *played(2),
           *H264, *BT709.tags, *AAC, str(path))  # fmt: skip
    return Case(path, film(2))


def tall(folder: Path) -> Case:
    """256 times as high as it is wide: in 180 lines it would be less than a pixel wide."""
    path = folder / "tall.mp4"
    ffmpeg(*shown(0.4, size="16x4096"), *H264, *BT709.tags, str(path))
    return Case(path, film(0.4, sound=False))


def wide(folder: Path) -> Case:
    """256 times as wide as it is high."""
    path = folder / "wide.mp4"
    ffmpeg(*shown(0.4, size="4096x16"), *H264, *BT709.tags, str(path))
    return Case(path, film(0.4, sound=False))


def odd_size(folder: Path) -> Case:
    """Sides of an odd number of pixels."""
    path = folder / "odd.webm"
    ffmpeg(*shown(1, size="853x481"), *played(1), "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
           *BT709.tags, "-c:a", "libopus", str(path))  # fmt: skip
    return Case(path, film(1))


def resolution_change(folder: Path) -> Case:
    """A broadcast whose size changes after three seconds."""
    path, later = folder / "resolution-change.ts", folder / "larger.ts"
    made(path)
    made(later, "-output_ts_offset", "3.08", inputs=(*shown(2, size="640x360"), *played(2)))
    path.write_bytes(path.read_bytes() + later.read_bytes())
    first, then = film(), film(2).later(3)
    return Case(path, Film((*first.frames, *then.frames), (*first.beeps_s, *then.beeps_s), 5.0, 5.0))


def open_groups(folder: Path) -> Case:
    """Open groups of pictures: frames after a keyframe need those before it."""
    path = folder / "open-gop.mp4"
    ffmpeg(*shown(6), *played(6), "-c:v", "libx264", "-preset", "veryfast", "-x264-params",
           "open-gop=1:keyint=25:bframes=3:scenecut=0", *BT709.tags, *AAC, str(path))  # fmt: skip
    return Case(path, film(6))


def interlaced(folder: Path) -> Case:
    """Fifty fields a second in twenty-five frames, of which each has two numbers: its second field that of the next.

    A bar that changed with every field could not be told from a comb that stands still. The bottom field comes first,
    as encoders of ffmpeg before 7 write it, whatever the frames say.
    """
    path = folder / "interlaced.ts"
    halves = "fps=50,trim=start_frame=1:end_frame=101,setpts=PTS-STARTPTS"
    fields = f"{picture(2.04)},{halves},{BT601_525.filters},interlace=scan=bff:lowpass=0"
    ffmpeg("-f", "lavfi", "-i", fields, *played(2), "-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct",
           *BT601_525.tags, "-c:a", "mp2", str(path))  # fmt: skip
    shown = film(2, 2 * FPS)
    frames = tuple(replace(frame, number=(number + 1) // 2) for number, frame in enumerate(shown.frames))
    return Case(path, replace(shown, frames=frames))


def one_frame(folder: Path) -> Case:
    """A single frame."""
    path = folder / "one.mp4"
    ffmpeg(*shown(1 / FPS), *H264, *BT709.tags, str(path))
    return Case(path, film(1 / FPS, sound=False))


def still(folder: Path) -> Case:
    """A photograph."""
    path = folder / "still.png"
    ffmpeg("-f", "lavfi", "-i", picture(1 / FPS), "-frames:v", "1", str(path))
    return Case(path, film(1 / FPS, sound=False))
