"""A sprite sheet: all preview pictures in one, with a WebVTT file that tells players which part to show when. Pure.

The file's form is that of thumbnail tracks: cues whose text is ``sprite.jpg#xywh=X,Y,WIDTH,HEIGHT`` (W3C media
fragments), in pixels of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from videojobs_protocol.work import Sprite
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Step, common_arguments
from videojobs_worker.timing import clock

SHEET: Final = "sprite.jpg"
TRACK: Final = "sprite.vtt"
#: Decoders of JPEG in browsers give up above this many pixels a side.
MAX_SIDE: Final = 16_384


@dataclass(frozen=True)
class Sheet:
    """``count`` pictures of ``width`` x ``height`` pixels in rows of ``columns``."""

    count: int
    columns: int
    width: int
    height: int

    @property
    def rows(self) -> int:
        """Rows, the last one perhaps not full."""
        return math.ceil(self.count / self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole, pixels."""
        return self.columns * self.width, self.rows * self.height

    def place(self, number: int) -> str:
        """Media fragment of a picture, counted from 0."""
        row, column = divmod(number, self.columns)
        return f"xywh={column * self.width},{row * self.height},{self.width},{self.height}"

    def step(self, names: str, target: Path, threads: int) -> Step:
        """The run that makes the sheet of pictures called ``names``, a pattern with their number from 1."""
        tile = f"scale=w={self.width}:h={self.height},setsar=1,tile={self.columns}x{self.rows}"
        arguments = (
            *common_arguments(threads), "-protocol_whitelist", "file", "-f", "image2", "-framerate", "1",
            "-start_number", "1", "-i", f"file:{names}", "-vf", tile, "-frames:v", "1",
            "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-update", "1", "-f", "image2", f"file:{target}",
        )  # fmt: skip
        return Step(arguments, 0.0, "Tiling", frames=1)


def sheet_of(sprite: Sprite, count: int, size: tuple[int, int]) -> Sheet:
    """The sheet for ``count`` pictures of a size in pixels.

    Raises:
        JobError: InvalidOutput, where it would be too large for players.
    """
    height = max(2, round(sprite.width * size[1] / size[0] / 2) * 2)
    made = Sheet(count, min(sprite.columns, count), sprite.width, height)
    if max(made.size) > MAX_SIDE:
        text = f"a sheet of {made.size[0]}x{made.size[1]} pixels is too large for players: "
        raise JobError("InvalidOutput", f"{text}take fewer frames, a smaller width, or columns nearer to the rows")
    return made


def track(sheet: Sheet, times_s: Sequence[float], ends_s: Sequence[float]) -> str:
    """The WebVTT of a sheet: picture ``n`` from ``times_s[n]`` until ``ends_s[n]``, seconds."""
    cues = sorted(zip(times_s, ends_s, range(len(times_s)), strict=True))
    blocks = [
        f"{clock(begin, '.')} --> {clock(end, '.')}\n{SHEET}#{sheet.place(number)}\n" for begin, end, number in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def spans(times_s: Sequence[float], duration_s: float, *, even: bool) -> tuple[list[float], list[float]]:
    """When each picture begins and ends to be shown: its equal part of the whole, or until the next time asked for.

    Of equal parts the first begins with the source and the last ends with it, even where frames are not shown so long.
    """
    if even:
        between = [(before + after) / 2 for before, after in pairwise(times_s)]
        return [0.0, *between], [*between, duration_s]
    following = dict(pairwise([*sorted(set(times_s)), duration_s]))
    return list(times_s), [following[time] for time in times_s]
