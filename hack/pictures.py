"""`make pictures`: renders the examples of timelines, and writes what docs/how-to/timelines.md shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.support.examples import make_samples, output_of, render_example
from tests.support.ffmpeg import ffmpeg
from tests.support.pipeline import pipeline

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs/how-to/timelines"
_QUALITY: Final = ("-frames:v", "1", "-q:v", "5", "-bitexact")


def _frames(*numbers: int, columns: int, width: int = 320) -> tuple[str, ...]:
    """Frames of the output, in rows of ``columns``."""
    chosen = "+".join(f"eq(n,{number})" for number in numbers)
    tiles = f"tile={columns}x{len(numbers) // columns}:padding=4:color=white"
    return ("-vf", f"select='{chosen}',scale={width}:-2,{tiles},format=yuvj420p", "-fps_mode", "passthrough")


_SOUND: Final = (
    "-filter_complex",
    "[0:a]aformat=channel_layouts=mono,showwavespic=s=640x120:colors=0x3060c0:scale=sqrt[wave];color=white:s=640x120:d=1[page];"
    "[page][wave]overlay=format=auto,format=yuvj420p",
)
#: For each picture the arguments of ffmpeg behind the output of the example of its name.
PICTURES: Final[Mapping[str, tuple[str, ...]]] = {
    "render-images": _frames(30, 90, 165, columns=3, width=240),
    "render-overlay": _frames(15, 75, columns=2),
    "render-title": _frames(25, 75, columns=2),
    "render-music": _SOUND,
    "render-speed": _SOUND,
    "render-transitions": _frames(82, 150, 224, 225, columns=2),
}


def draw(name: str, film: Path, target: Path) -> None:
    """The picture of an example's output."""
    ffmpeg("-i", str(film), *PICTURES[name], *_QUALITY, "-update", "1", str(target))


def write(names: Iterable[str] = PICTURES) -> None:
    """Render the examples and write their pictures.

    Raises:
        RuntimeError: an example could not be rendered.
    """
    with pipeline() as running:
        make_samples(running.folder)
        for name in names:
            work = render_example(name, running.folder)
            status = running.attempt(work)
            if status.status != "completed":
                raise RuntimeError(f"{name}: {status.failure}")
            draw(name, output_of(work), FOLDER / f"{name}.jpg")
            print(f"Wrote {(FOLDER / f'{name}.jpg').relative_to(FOLDER.parents[2])}")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write()
