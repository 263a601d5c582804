"""What pictures look like: whether they can be read, their size, and 64 tones of each to judge them by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.process.runner import capture

SIDE: Final = 8
#: Tones of 0 to 255: below these a picture is black, with a caption at most.
BLACK_MEAN: Final = 12
BLACK_HIGHEST: Final = 60
TIMEOUT_S: Final = 60.0
_SIZE: Final = re.compile(r"^#dimensions (\d+): (\d+)x(\d+)$", re.MULTILINE)
_HASH: Final = re.compile(r"^(\d+),.*, ([0-9a-f]{32})$", re.MULTILINE)


@dataclass(frozen=True)
class Look:
    """A picture's size in pixels, its tones, 8 by 8 from the upper left, and a hash of all of it."""

    width: int
    height: int
    tones: bytes
    md5: str

    @property
    def black(self) -> bool:
        """Whether nothing is to be seen."""
        return sum(self.tones) / len(self.tones) <= BLACK_MEAN and max(self.tones) <= BLACK_HIGHEST


def look_at(paths: Sequence[Path], scratch: Path) -> list[Look]:
    """Decode pictures, in one run of ffmpeg.

    Raises:
        JobError: OutputInvalid, one cannot be decoded.
    """
    frames, tones = scratch / "frames.md5", scratch / "tones.gray"
    code, _, tail = capture(command(paths, frames, tones), TIMEOUT_S)
    found = [] if code else parse(frames.read_text(), tones.read_bytes())
    if len(found) != len(paths):
        raise JobError("OutputInvalid", "a picture that was made cannot be decoded", log_tail=tail)
    return found


def command(paths: Sequence[Path], frames: Path, tones: Path) -> list[str]:
    """Writes each picture's size and hash to one file, and its tones to another."""
    inputs = [part for path in paths for part in ("-f", "image2", "-pattern_type", "none", "-i", f"file:{path}")]
    small = ";".join(
        f"[{number}:v]scale={SIDE}:{SIDE}:flags=area,format=gray,setsar=1[s{number}]" for number in range(len(paths))
    )
    joined = "".join(f"[s{number}]" for number in range(len(paths)))
    return [
        "ffmpeg", "-nostdin", "-y", "-v", "error", "-xerror", "-protocol_whitelist", "file", *inputs,
        *(part for number in range(len(paths)) for part in ("-map", f"{number}:v")), "-f", "framemd5", f"file:{frames}",
        "-filter_complex", f"{small};{joined}concat=n={len(paths)}[tones]",
        "-map", "[tones]", "-fps_mode", "passthrough",
        "-f", "rawvideo", f"file:{tones}",
    ]  # fmt: skip


def parse(frames: str, tones: bytes) -> list[Look]:
    """The looks of as many pictures as were told of in full; ``frames`` is what ffmpeg's framemd5 wrote."""
    sizes = {number: (int(width), int(height)) for number, width, height in _SIZE.findall(frames)}
    hashes = dict(_HASH.findall(frames))
    pieces = [tones[at : at + SIDE * SIDE] for at in range(0, len(tones), SIDE * SIDE)]
    return [
        Look(*sizes[number], piece, hashes[number])
        for number, piece in zip(sizes, pieces, strict=False)
        if len(piece) == SIDE * SIDE and number in hashes
    ]
