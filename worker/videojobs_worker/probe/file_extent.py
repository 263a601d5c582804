"""Where a file's own structure says that it ends: less than that on the disk means that it is cut off.

A duration in the header survives a cut, and a player that reads until there is no more notices nothing.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"


def claimed_bytes(path: Path) -> int | None:
    """Bytes that the file should have, None where its format does not tell.

    MP4 is a chain of boxes (ISO/IEC 14496-12, 4.2), Matroska a header and one segment (RFC 9559, 5.1; RFC 8794, 4-6).
    """
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if head[4:] == b"ftyp":
            return _boxes(file, path.stat().st_size)
        return _segment(file) if head[:4] == _EBML else None


def _boxes(file: BinaryIO, size: int) -> int:
    end = 0
    while end < size:
        file.seek(end)
        head = file.read(16)
        if len(head) < 8:
            return end + 8
        length = int(struct.unpack(">I", head[:4])[0])
        if length == 0:  # the last one, up to wherever the file ends
            return size
        if length == 1:
            length = int.from_bytes(head[8:16].ljust(8, b"\xff"))
        end += max(length, 8)
    return end


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
