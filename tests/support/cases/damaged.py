"""Files of which something is missing or wrong."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.boxes import boxes
from tests.support.cases.case import Case, copied, plain, shown
from tests.support.cases.times import starting_late
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT709, film

_NOISE = bytes((7 * number) % 251 for number in range(60))


def _share(path: Path, source: Path, share: float) -> Path:
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def index_first(folder: Path) -> Path:
    """The plain film with its index at its beginning."""
    return copied(folder / "index-first.mp4", plain(folder).path, "-movflags", "+faststart")


def truncated(folder: Path) -> Case:
    """Sixty per cent of a file: its index promises bytes that are not there."""
    return Case(_share(folder / "truncated.mp4", index_first(folder), 0.6), plain(folder).film)


def without_index(folder: Path) -> Case:
    """The index was at the end, which is missing."""
    return Case(_share(folder / "no-index.mp4", plain(folder).path, 0.6), plain(folder).film)


def truncated_matroska(folder: Path) -> Case:
    """Sixty per cent of a Matroska file: its segment promises bytes that are not there."""
    path = copied(folder / "whole.mkv", plain(folder).path)
    return Case(_share(folder / "truncated.mkv", path, 0.6), plain(folder).film)


def truncated_fragment(folder: Path) -> Case:
    """A fragmented file that ends within a fragment."""
    path = copied(folder / "whole-fragments.mp4", plain(folder).path, "-movflags", "frag_keyframe+empty_moov")
    return Case(_share(folder / "truncated-fragments.mp4", path, 0.6), plain(folder).film)


def stopped_stream(folder: Path) -> Case:
    """A transport stream that ends within a packet, as every recording that is stopped does: nothing was promised."""
    data, path = starting_late(folder).path.read_bytes(), folder / "stopped.ts"
    path.write_bytes(data[: len(data) * 6 // 10])
    return Case(path, plain(folder).film)


def one_damaged_of_ten(folder: Path) -> Case:
    """MPEG-2 of ten frames with sixty wrong bytes in one of them."""
    path = folder / "one-damaged-of-ten.m2v"
    ffmpeg(*shown(0.4), "-c:v", "mpeg2video", "-q:v", "4", "-g", "4", *BT709.tags, str(path))
    data = bytearray(path.read_bytes())
    at = len(data) * 6 // 10
    data[at : at + len(_NOISE)] = _NOISE
    path.write_bytes(data)
    return Case(path, film(0.4, sound=False))


def one_damaged_of_thirty(folder: Path) -> Case:
    """H.264 of thirty frames, in one of which a slice is noise; the index is whole."""
    return _with_noise(folder, "one-damaged-of-thirty.mp4", (12,))


def most_damaged(folder: Path) -> Case:
    """H.264 of thirty frames, of which two in three are noise."""
    return _with_noise(folder, "most-damaged.mp4", tuple(number for number in range(30) if number % 3))


def _with_noise(folder: Path, name: str, frames: tuple[int, ...]) -> Case:
    """Each frame is one slice of one unit with its length before it; the noise begins after the slice's header."""
    path = folder / name
    ffmpeg(*shown(1.2), "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-bf", "0", "-x264-params",
           "slices=1:sliced-threads=0", *BT709.tags, str(path))  # fmt: skip
    data = bytearray(path.read_bytes())
    mdat = next(box for box in boxes(data) if box.path == "mdat")
    at, number = mdat.body, 0
    while at < mdat.end:
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4] & 31 in (1, 5):
            if number in frames:
                begin, end = at + 5 + size // 3, at + 4 + size
                data[begin:end] = (_NOISE * (size // len(_NOISE) + 1))[: end - begin]
            number += 1
        at += 4 + size
    path.write_bytes(data)
    return Case(path, film(1.2, sound=False))


def empty(folder: Path) -> Case:
    """No byte."""
    path = folder / "empty.mp4"
    path.touch()
    return Case(path, film())


def wrong_ending(folder: Path) -> Case:
    """Matroska that is called mp4."""
    path = folder / "really-matroska.mp4"
    path.write_bytes(copied(folder / "really.mkv", plain(folder).path).read_bytes())
    return Case(path, plain(folder).film)


def leading_rubbish(folder: Path) -> Case:
    """A transport stream whose first bytes belong to the packet before it."""
    path = folder / "rubbish.ts"
    path.write_bytes(re.sub(rb"G", b"H", _NOISE) + starting_late(folder).path.read_bytes())
    return Case(path, plain(folder).film)
