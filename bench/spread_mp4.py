"""An MP4 with room between its chunks: as large as one likes, with holes where nothing is written."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path

_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_MDAT_HEADER_BYTES = 16
Move = Callable[[int], int]


def spread(source: Path, target: Path, size: int) -> None:
    """Write the same film again so that it has about ``size`` bytes, its index in front.

    Chunk offsets are ISO/IEC 14496-12, 8.7.5: ``stco`` has 32 bits of them, ``co64`` has 64.
    """
    media = source.read_bytes()
    boxes = dict(_boxes(media))
    index = boxes[b"moov"]
    starts = sorted(set(_offsets(index)))
    before = len(_box(b"ftyp", boxes[b"ftyp"])) + len(_box(b"moov", _moved(index, lambda at: at))) + _MDAT_HEADER_BYTES
    ends = [*starts[1:], starts[-1] + _last_chunk_bytes(media, starts[-1])]
    gap = (size - before - sum(end - start for start, end in zip(starts, ends, strict=True))) // len(starts)
    places = {start: before + start - starts[0] + number * gap for number, start in enumerate(starts)}
    with target.open("wb") as file:
        file.write(_box(b"ftyp", boxes[b"ftyp"]) + _box(b"moov", _moved(index, lambda at: places[at])))
        file.write(struct.pack(">I4sQ", 1, b"mdat", size - file.tell()))
        for start, end in zip(starts, ends, strict=True):
            file.seek(places[start])
            file.write(media[start:end])
        file.truncate(size)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + size]
        at += size


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _moved(body: bytes, move: Move) -> bytes:
    return b"".join(_moved_box(kind, inner, move) for kind, inner in _boxes(body))


def _moved_box(kind: bytes, body: bytes, move: Move) -> bytes:
    if kind in _PARENTS:
        return _box(kind, _moved(body, move))
    if kind != b"stco":
        return _box(kind, body)
    found = _stco(body)
    return _box(b"co64", struct.pack(f">II{len(found)}Q", 0, len(found), *map(move, found)))


def _stco(body: bytes) -> tuple[int, ...]:
    (count,) = struct.unpack_from(">I", body, 4)
    return struct.unpack_from(f">{count}I", body, 8)


def _offsets(body: bytes) -> Iterator[int]:
    for kind, inner in _boxes(body):
        if kind in _PARENTS:
            yield from _offsets(inner)
        elif kind == b"stco":
            yield from _stco(inner)


def _last_chunk_bytes(data: bytes, start: int) -> int:
    """Up to the end of the box of media that it lies in."""
    ends, at = [0], 0
    while at < len(data):
        at += int(struct.unpack_from(">I", data, at)[0])
        ends.append(at)
    return ends[bisect_right(ends, start)] - start
