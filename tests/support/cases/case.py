"""A file as real work brings it, and what it shows and plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT709, FPS, Colour, Film, film, picture, sound

#: Encodes at once; with B-frames, as most files have them, and a keyframe each second.
H264: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", str(FPS))
AAC: Final = ("-c:a", "aac")


@dataclass(frozen=True)
class Case:
    """A made file; times of ``film`` count from the first thing in it."""

    path: Path
    film: Film


#: Makes a file in a folder; its docstring says which property the file has.
Maker = Callable[[Path], Case]


def shown(seconds: float = 3, fps: str = str(FPS), size: str = "320x180", colour: Colour = BT709) -> tuple[str, ...]:
    """An input of numbered frames."""
    return ("-f", "lavfi", "-i", f"{picture(seconds, fps, size)},{colour.filters}")


def played(seconds: float = 3) -> tuple[str, ...]:
    """An input of beeps."""
    return ("-f", "lavfi", "-i", sound(seconds))


def made(path: Path, *options: str, inputs: Sequence[str] = (), seconds: float = 3, colour: Colour = BT709) -> Case:
    """A film as most files are, H.264 and AAC in 320x180; ``options`` are those of the output."""
    used = inputs or (*shown(seconds, colour=colour), *played(seconds))
    ffmpeg(*used, *H264, *colour.tags, *AAC, *options, str(path))
    return Case(path, film(seconds))


def plain(folder: Path) -> Case:
    """Nothing unusual: three seconds of picture and sound that begin and end together."""
    path = folder / "plain.mp4"
    return Case(path, film()) if path.exists() else made(path)


def copied(path: Path, source: Path, *options: str, before: Sequence[str] = ()) -> Path:
    """The packets of a file in another one."""
    ffmpeg(*before, "-i", str(source), "-c", "copy", *options, str(path))
    return path
