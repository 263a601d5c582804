"""Films in codings and containers of which the other cases have none."""

from __future__ import annotations

from pathlib import Path

from tests.support.cases.case import Case, played, shown
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT601_625, BT709, Colour, film


def program_stream(folder: Path) -> Case:
    """MPEG-2 as DVDs have it."""
    path = folder / "program.mpg"
    ffmpeg(*shown(size="352x288", colour=BT601_625), *played(), "-c:v", "mpeg2video", "-q:v", "2", "-bf", "2",
           *BT601_625.tags, "-c:a", "mp2", "-f", "dvd", str(path))  # fmt: skip
    return Case(path, film())


def cinema(folder: Path) -> Case:
    """AV1 and Opus at 24000/1001 frames a second."""
    path = folder / "cinema.mp4"
    ffmpeg(*shown(fps="24000/1001"), *played(), "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime",
           "-crf", "30", "-b:v", "0", *BT709.tags, "-c:a", "libopus", str(path))  # fmt: skip
    return Case(path, film(3, 24_000 / 1001))


def avi(folder: Path) -> Case:
    """MPEG-4 part 2 and PCM in AVI, which says nothing of colours: players take so small a picture for BT.601."""
    path = folder / "old.avi"
    colour = Colour(matrix="smpte170m")
    ffmpeg(*shown(colour=colour), *played(), "-c:v", "mpeg4", "-q:v", "2", *colour.tags, "-c:a", "pcm_s16le",
           str(path))  # fmt: skip
    return Case(path, film())
