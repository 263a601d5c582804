"""Reads a source's packets, where its header cannot be believed: all of them, or those of its beginning and end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videojobs_worker.media.stream_times import Packet, last_end_s, packet_of
from videojobs_worker.process.demuxers import probed_input
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

#: Files of up to so many bytes are read whole: that takes no longer than to start ffprobe.
SMALL_BYTES: Final = 5e7
#: More packets are not read: a hostile file may have any number.
MOST_PACKETS: Final = 5_000_000
#: So many packets of its beginning say at which rate a long file's frames come; fewer where each is fetched from afar.
_HEAD_PACKETS: Final = 2000
_SERVED_PACKETS: Final = 100
#: The last seconds, in which its end is looked for; ffprobe begins at the keyframe before.
_TAIL_S: Final = 10.0
#: Longer than any file goes on behind where its header says that it ends.
_TO_THE_END_S: Final = 1_000_000
#: Formats in which ffmpeg finds a time without reading what is before it.
_INDEXED: Final = frozenset({"mov", "matroska", "avi", "mxf", "mpegts", "mpeg", "asf"})
_LEAST_TIMEOUT_S: Final = 60.0
#: A slow volume gives more bytes a second.
_SLOWEST_BPS: Final = 2e7


@dataclass(frozen=True)
class Measurement:
    """Packets of a file by the number of their stream, in the order of the file.

    ``tail`` are those of its end where not all were read; ``packets`` are then those of its beginning.
    """

    packets: Mapping[int, Sequence[Packet]]
    tail: Mapping[int, Sequence[Packet]] | None = None

    @property
    def ends_s(self) -> float:
        """When the last packet of any stream ends, on the file's clock; 0 where none has a time."""
        read = [*self.packets.values(), *(self.tail or {}).values()]
        ends = [last_end_s(each) for each in read]
        return max((end for end in ends if end is not None), default=0.0)


def measure(
    path: str, formats: Iterable[str], claimed_s: float | None, size: int, stopper: Stopper, *, served: bool = False
) -> Measurement | None:
    """Read what is needed to know when the streams of a file begin and end.

    Args:
        path: the file, or the address of one that is ``served``.
        formats: ffprobe's names of its format.
        claimed_s: when it ends by its header, seconds on its clock; None where that says nothing.
        size: its bytes.
        stopper: ends it early.

    Returns:
        None where its packets cannot be read, or not without fetching all of a file that is served.
    """
    if claimed_s is not None and _INDEXED.intersection(formats) and (served or size > SMALL_BYTES):
        head = _SERVED_PACKETS if served else _HEAD_PACKETS
        # Behind a number of packets, ffprobe 7 and later read nothing of an interval without an end.
        intervals = f"%+#{head},{max(0.0, claimed_s - _TAIL_S):.3f}%+{_TO_THE_END_S}"
        lines = _read(path, intervals, size, stopper, served=served)
        if lines and len(lines) > head:
            return Measurement(_by_stream(lines[:head]), _by_stream(lines[head:]))
    if served:
        return None
    lines = _read(path, f"%+#{MOST_PACKETS}", size, stopper)
    return None if lines is None else Measurement(_by_stream(lines))


def _read(path: str, intervals: str, size: int, stopper: Stopper, *, served: bool = False) -> list[str] | None:
    command = (
        "ffprobe", "-v", "error", "-read_intervals", intervals,
        "-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,flags", "-of", "csv=p=0",
        *probed_input(path if served else Path(path)),
    )  # fmt: skip
    code, output, _ = capture(command, _LEAST_TIMEOUT_S + size / _SLOWEST_BPS, stopper)
    return None if code else [line for line in output.splitlines() if line[:1].isdecimal()]


def _by_stream(lines: Iterable[str]) -> dict[int, list[Packet]]:
    found: dict[int, list[Packet]] = {}
    for line in lines:
        number, _, rest = line.partition(",")
        found.setdefault(int(number), []).append(packet_of(rest))
    return found
