"""The boxes of an MP4 file (ISO/IEC 14496-12), found and changed in place."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex"})
#: Cosine and sine of the angles that a track header can turn a picture by.
_TURNS: Final = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


@dataclass(frozen=True)
class Box:
    """``path`` has the names from the outermost box on; ``body`` and ``end`` are offsets in the file."""

    path: str
    body: int
    end: int


def boxes(data: bytes | bytearray, begin: int = 0, end: int | None = None, above: str = "") -> Iterator[Box]:
    """All boxes in order, those inside of others after them."""
    at, end = begin, len(data) if end is None else end
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        ends = min(end, at + size) if size else end
        path = f"{above}/{name.decode('latin-1')}".lstrip("/")
        yield Box(path, body, ends)
        if name in _CONTAINERS:
            yield from boxes(data, body, ends, path)
        at = ends


def changed(path: Path, source: Path, change: Callable[[bytearray], object]) -> Path:
    """A copy of a file with its bytes changed."""
    data = bytearray(source.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def set_rotation(path: Path, degrees: int) -> Path:
    """Have the picture shown turned clockwise, by the matrix of every track header; the file is changed."""
    cosine, sine = (value * 0x10000 for value in _TURNS[degrees])

    def change(data: bytearray) -> None:
        for box in boxes(data):
            if box.path == "moov/trak/tkhd":
                at = box.body + (52 if data[box.body] else 40)
                struct.pack_into(">9i", data, at, cosine, sine, 0, -sine, cosine, 0, 0, 0, 0x40000000)

    return changed(path, path, change)


def set_durations(data: bytearray, value: int, *, tracks: bool = True) -> None:
    """Write one value, in each header's own ticks, as the duration of the movie and, with ``tracks``, of each track."""
    offsets = {"moov/mvhd": 16, "moov/trak/mdia/mdhd": 16, "moov/trak/tkhd": 20}
    for box in boxes(data):
        if (offset := offsets.get(box.path)) and (tracks or box.path == "moov/mvhd"):
            struct.pack_into(">I", data, box.body + offset, value)


def scale_durations(data: bytearray, factor: float) -> None:
    """The movie and each track last ``factor`` times as long, by their headers."""
    offsets = {"moov/mvhd": 16, "moov/trak/mdia/mdhd": 16, "moov/trak/tkhd": 20}
    for box in boxes(data):
        if offset := offsets.get(box.path):
            (ticks,) = struct.unpack_from(">I", data, box.body + offset)
            struct.pack_into(">I", data, box.body + offset, min(0xFFFFFFFF, round(ticks * factor)))
