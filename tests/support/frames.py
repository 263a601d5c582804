"""Pixels of frames, as they are seen."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Pixels:
    """R'G'B' of 0 to 255, row by row."""

    width: int
    height: int
    data: bytes

    def part(self, x: int, y: int, width: int, height: int) -> Pixels:
        """A rectangle of it."""
        rows = (self.data[3 * (row * self.width + x) :][: 3 * width] for row in range(y, y + height))
        return Pixels(width, height, b"".join(rows))

    def mean(self) -> Rgb:
        """The mean colour."""
        count = self.width * self.height
        red, green, blue = (sum(self.data[channel::3]) / count for channel in range(3))
        return red, green, blue

    def difference(self, other: Pixels) -> float:
        """Of 255, in mean."""
        assert (self.width, self.height) == (other.width, other.height)
        return sum(abs(one - two) for one, two in zip(self.data, other.data, strict=True)) / len(self.data)

    def mixed(self, other: Pixels, share: float) -> Pixels:
        """With so much of another one."""
        rows = zip(self.data, other.data, strict=True)
        return Pixels(self.width, self.height, bytes(round(a + (b - a) * share) for a, b in rows))

    def count(self, colour: Rgb, off: int) -> int:
        """How many pixels have a colour, each channel within ``off``."""
        pixels = zip(self.data[::3], self.data[1::3], self.data[2::3], strict=True)
        return sum(max(abs(one - two) for one, two in zip(pixel, colour, strict=True)) <= off for pixel in pixels)


def pixels(path: Path, number: int, width: int, height: int, matrix: str = "auto") -> Pixels:
    """The frame of a number, in a size, by a matrix; by default the one that the file names."""
    scaled = f"scale={width}:{height}:in_color_matrix={matrix}:flags=bicubic+accurate_rnd+full_chroma_int"
    filters = f"select='eq(n,{number})',{scaled}"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"{filters},format=rgb24", "-frames:v", "1",
               "-f", "rawvideo", "-"]  # fmt: skip
    data = subprocess.run(command, capture_output=True, check=True).stdout
    assert len(data) == 3 * width * height, f"{path} has no frame {number}"
    return Pixels(width, height, data)
