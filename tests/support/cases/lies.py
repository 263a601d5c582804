"""Small files whose headers promise much: length, rate, size and counts that nothing in them backs."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.support.boxes import boxes, changed
from tests.support.cases import times
from tests.support.cases.case import H264, copied, made, plain, shown
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT709, picture

_MOST: Final = 0xFFFFFFFF
_TABLES: Final = "moov/trak/mdia/minf/stbl/"


def _with_number(folder: Path, name: str, source: Path, path: str, offset: int, value: int) -> Path:
    """A number of 32 bits in every box of a path, at an offset from its body, counted from its end where negative."""

    def change(data: bytearray) -> None:
        for box in boxes(data):
            if box.path == path:
                struct.pack_into(">I", data, (box.end if offset < 0 else box.body) + offset, value)

    return changed(folder / name, source, change)


def matroska_of_years(folder: Path) -> Path:
    """Length: Matroska's Duration is a hundred years."""
    path = times.stale_container(folder).path
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", 3.2e12)
    path.write_bytes(data)
    return path


def endless_fragments(folder: Path) -> Path:
    """Length: all durations of a fragmented file are ones."""
    return times.unknown_duration(folder).path


def overlong_tracks(folder: Path) -> Path:
    """Length: movie and tracks say a day."""
    return times.overlong_tracks(folder).path


def flv_of_years(folder: Path) -> Path:
    """Length: FLV's metadata say a hundred years."""
    path = copied(folder / "years.flv", plain(folder).path)
    data = bytearray(path.read_bytes())
    at = data.index(b"duration\x00") + len(b"duration\x00")
    data[at : at + 8] = struct.pack(">d", 3.2e9)
    path.write_bytes(data)
    return path


def avi_of_years(folder: Path) -> Path:
    """Length: AVI's headers count four thousand million frames."""
    path = copied(folder / "years.avi", plain(folder).path)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"avih") + 8 + 16, _MOST)
    for name in (b"vids", b"auds"):
        struct.pack_into("<I", data, data.index(b"strh" + struct.pack("<I", 56) + name) + 8 + 32, _MOST)
    path.write_bytes(data)
    return path


def gap_of_a_day(folder: Path) -> Path:
    """Length: between two recordings in one file the clock of a transport stream jumps by twenty hours."""
    first, second, path = folder / "first.ts", folder / "second.ts", folder / "gap.ts"
    made(first)
    made(second, "-output_ts_offset", "72000")
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


def frame_of_a_day(folder: Path) -> Path:
    """Length: the table says that the last frame stands for a day."""
    path = times.still_at_end(folder).path
    ticks = next(struct.unpack_from(">I", path.read_bytes(), box.body + 12)[0]
                 for box in boxes(path.read_bytes()) if box.path == "moov/trak/mdia/mdhd")  # fmt: skip
    return _with_number(folder, "day.mp4", path, _TABLES + "stts", -4, min(_MOST, 86_400 * ticks))


def slow_clock(folder: Path) -> Path:
    """Rate: a stream of H.264 whose header says a frame every fourteen hours."""
    path = folder / "slow.h264"
    ffmpeg(*shown(), *H264, "-bsf:v", "h264_metadata=tick_rate=1/25000", "-f", "h264", str(path))
    return path


def fast_clock(folder: Path) -> Path:
    """Rate: a stream of H.264 whose header says a million frames a second."""
    path = folder / "fast.h264"
    ffmpeg(*shown(), *H264, "-bsf:v", "h264_metadata=tick_rate=2000000", "-f", "h264", str(path))
    return path


def fast_ticks(folder: Path) -> Path:
    """Rate: a tick is a two-thousand-millionth of a second: all is over at once."""
    return _with_number(folder, "ticks.mp4", plain(folder).path, "moov/trak/mdia/mdhd", 12, 0x7FFFFFFF)


def one_tick_a_second(folder: Path) -> Path:
    """Rate: a tick is a second: three seconds become ten hours."""
    return _with_number(folder, "tick.mp4", plain(folder).path, "moov/trak/mdia/mdhd", 12, 1)


def long_delays(folder: Path) -> Path:
    """Rate: each picture of a GIF stands for eleven minutes."""
    path = folder / "delays.gif"
    ffmpeg("-f", "lavfi", "-i", picture(0.4), "-fps_mode", "passthrough", str(path))
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"\x21\xf9\x04", at + 1)) >= 0:
        data[at + 4 : at + 6] = b"\xff\xff"
    path.write_bytes(data)
    return path


def broad_pixels(folder: Path) -> Path:
    """Size: pixels are a hundred times as wide as they are high."""
    path = folder / "broad.ts"
    return copied(path, plain(folder).path, "-bsf:v", "h264_mp4toannexb,h264_metadata=sample_aspect_ratio=100/1")


def large_header(folder: Path) -> Path:
    """Size: the container says 65535x65535, the stream 320x180."""
    source = plain(folder).path

    def change(data: bytearray) -> None:
        for box in boxes(data):
            if box.path == "moov/trak/tkhd" and data[box.end - 8 : box.end] != bytes(8):
                struct.pack_into(">II", data, box.end - 8, 0xFFFF0000, 0xFFFF0000)
        at = data.index(b"avc1") + 4 + 24
        data[at : at + 4] = b"\xff\xff\xff\xff"

    return changed(folder / "large.mp4", source, change)


def blank_large(folder: Path) -> Path:
    """Size: five frames of 4096x4096 of nothing are some kilobytes."""
    path = folder / "blank.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=s=4096x4096:r=25:d=0.2", *H264, *BT709.tags, "-pix_fmt", "yuv420p", str(path))
    return path


def many_samples(folder: Path) -> Path:
    """Counts: the table of sizes has four thousand million samples."""
    return _with_number(folder, "samples.mp4", plain(folder).path, _TABLES + "stsz", 8, _MOST)


def many_times(folder: Path) -> Path:
    """Counts: the first entry of the table of times stands for four thousand million samples."""
    return _with_number(folder, "times.mp4", plain(folder).path, _TABLES + "stts", 8, _MOST)


def many_chunks(folder: Path) -> Path:
    """Counts: four thousand million chunks."""
    return _with_number(folder, "chunks.mp4", plain(folder).path, _TABLES + "stco", 4, _MOST)


def many_edits(folder: Path) -> Path:
    """Counts: four thousand million edits."""
    return _with_number(folder, "edits.mp4", plain(folder).path, "moov/trak/edts/elst", 4, _MOST)


def many_in_a_fragment(folder: Path) -> Path:
    """Counts: each fragment has four thousand million samples."""
    return _with_number(folder, "runs.mp4", times.fragments(folder), "moof/traf/trun", 4, _MOST)


LENGTHS: Final[tuple[Callable[[Path], Path], ...]] = (
    matroska_of_years, endless_fragments, overlong_tracks, flv_of_years, avi_of_years, gap_of_a_day, frame_of_a_day,
)  # fmt: skip
RATES: Final[tuple[Callable[[Path], Path], ...]] = (
    slow_clock, fast_clock, fast_ticks, one_tick_a_second, long_delays,
)  # fmt: skip
SIZES: Final[tuple[Callable[[Path], Path], ...]] = (broad_pixels, large_header, blank_large)
COUNTS: Final[tuple[Callable[[Path], Path], ...]] = (
    many_samples, many_times, many_chunks, many_edits, many_in_a_fragment,
)  # fmt: skip
LIES: Final = (*LENGTHS, *RATES, *SIZES, *COUNTS)
