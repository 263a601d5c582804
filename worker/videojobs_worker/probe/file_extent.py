"""Where a file's own structure says that it ends: less than that on the disk means that it is cut off.

A duration in the header survives a cut, and a player that reads until there is no more notices nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"
#: The boxes of a file's uppermost level (ISO/IEC 14496-12, table 1; QuickTime File Format, 1).
_BOXES: Final = frozenset({
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"meta", b"sidx", b"ssix", b"prft", b"emsg", b"pdin", b"free",
    b"skip", b"wide", b"uuid", b"udta", b"pnot", b"PICT",
})  # fmt: skip
#: ISO/IEC 23001-7 (common encryption), PIFF, and what Apple's store sold.
_SCHEME: Final = re.compile(rb"schm....(cenc|cens|cbc1|cbcs|piff|itun)", re.DOTALL)
#: Of RIFF: nobody went back to write it.
_UNKNOWN_LENGTHS: Final = (0, 0xFFFFFFFF)
_MOST_INDEX_BYTES: Final = 1 << 26


def claimed_bytes(path: Path) -> int | None:
    """Bytes that the file should have, None where its format does not tell.

    MP4 is a chain of boxes (ISO/IEC 14496-12, 4.2), Matroska a header and one segment (RFC 9559, 5.1; RFC 8794, 4-6),
    AVI and WAVE a chain of RIFF chunks (Microsoft's Multimedia Programming Interface 1.0, 2; OpenDML AVI 1.02, 3).
    What follows the last box that belongs to MP4 is what a camera appended, and says nothing.
    """
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head[4:] == b"ftyp":
            return max((end for _, _, end in _boxes(file, path.stat().st_size)), default=0)
        if head[:4] == b"RIFF":
            return _chunks(file, path.stat().st_size)
        return _segment(file) if head[:4] == _EBML else None


def encryption_of(path: Path) -> str:
    """The scheme that an mp4 is encrypted by (ISO/IEC 14496-12, 8.12.6), such as ``cenc``; empty where it is not."""
    found = _SCHEME.search(_index(path))
    return found[1].decode() if found else ""


def movie_duration_s(path: Path) -> float | None:
    """How long an mp4 says that it is as a whole (ISO/IEC 14496-12, 8.2.2); None where it does not say so.

    libavformat does not believe it where the file has fragments, but other players do.
    """
    index = _index(path)
    at = index.find(b"mvhd") + 4
    if at < 4 or len(index) < at + 32:
        return None
    wide = index[at] == 1
    ticks = int.from_bytes(index[at + 20 : at + 24] if wide else index[at + 12 : at + 16])
    duration = index[at + 24 : at + 32] if wide else index[at + 16 : at + 20]
    unknown = not ticks or set(duration) <= {0} or set(duration) == {0xFF}
    return None if unknown else int.from_bytes(duration) / ticks


def _index(path: Path) -> bytes:
    """The box ``moov`` of an mp4; empty where there is none."""
    with path.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            return b""
        for kind, begin, end in _boxes(file, path.stat().st_size):
            if kind == b"moov":
                file.seek(begin)
                return file.read(min(end - begin, _MOST_INDEX_BYTES))
    return b""


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of each box, as far as they follow each other. The last may end behind the file."""
    begin = 0
    while begin < size:
        file.seek(begin)
        head = file.read(16)
        kind, length = head[4:8], int.from_bytes(head[:4])
        if len(head) < 8 and any(head):
            yield kind, begin, begin + 8
        if kind not in _BOXES:
            return
        if length == 0:  # the last one, up to wherever the file ends
            length = size - begin
        elif length == 1:
            length = int.from_bytes(head[8:16].ljust(8, b"\xff"))
        yield kind, begin, begin + max(length, 8)
        begin += max(length, 8)


def _chunks(file: BinaryIO, size: int) -> int | None:
    """The end of the last chunk; one that is written as it is recorded has no length."""
    end = 0
    while end < size:
        file.seek(end)
        head = file.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or length in _UNKNOWN_LENGTHS:
            break
        end += 8 + length + length % 2
    return min(end, size) if end == size + 1 else end or None


def _segment(file: BinaryIO) -> int | None:
    file.seek(len(_EBML))
    header = _length(file)
    if header is None:
        return None
    file.seek(header, 1)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return file.tell() + 1  # cut off within the header
    length = _length(file)
    return None if length is None else file.tell() + length


def _length(file: BinaryIO) -> int | None:
    """A length of 1 to 8 bytes, as many as the first has leading zeros and one; all ones are an unknown length."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    rest = file.read(more)
    value = int.from_bytes(first + rest) & ((1 << (7 * (more + 1))) - 1)
    return None if len(rest) < more or value == (1 << (7 * (more + 1))) - 1 else value
