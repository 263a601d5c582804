"""When a stream is presented: what its header says, or, where that is silent or wrong, what its packets say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from videojobs_worker.media.clocks import FILE_ZERO, FileTime
from videojobs_worker.media.frame_rate import is_even, usual_rate

#: Where timestamps go back by more, another recording begins: two files were joined byte by byte.
_BACK_S: Final = 1.0
#: Where they go on by more, too, in formats whose timestamps may break off (fftools' ``-dts_delta_threshold``).
_FORWARD_S: Final = 10.0
#: So many frames may come in the file after one that is presented later.
_REORDERED: Final = 16
#: How much a mean over all of a stream may differ from the rate of its beginning, where it is constant.
_SAME_RATE: Final = 1e-4


@dataclass(frozen=True)
class StreamTimes:
    """When a stream begins and ends, and at which rate its frames come.

    Args:
        first_pts_s: when its first frame or packet is presented.
        end_pts_s: when its last one ends; None where nothing says so.
        last_frame_s: how long the last one is presented, seconds; 0 where that is not known.
        packets: how many it has, those that an edit list hides left out; None where nobody has counted them.
        frame_rate: of a picture, frames a second: exact where it is constant, else one that shows nearly all frames.
        constant: whether its frames come evenly, as far as is known.
        measured: whether packets say so, and not the header.
        timed: whether its packets carry timestamps; frames of one that lacks some are counted instead.
    """

    first_pts_s: FileTime = FILE_ZERO
    end_pts_s: FileTime | None = None
    last_frame_s: float = 0.0
    packets: int | None = None
    frame_rate: Fraction = Fraction(25)
    constant: bool = True
    measured: bool = False
    timed: bool = True

    @property
    def duration_s(self) -> float | None:
        """Seconds from its first frame to the end of its last one."""
        return None if self.end_pts_s is None else self.end_pts_s - self.first_pts_s


#: The times of a stream of which nothing is known.
UNKNOWN_TIMES: Final = StreamTimes()


class Packet(NamedTuple):
    """A packet's times in seconds on the file's clock; ``None`` where it carries none. ``hidden`` by an edit list."""

    pts_s: float | None
    dts_s: float | None
    duration_s: float
    hidden: bool


def packet_of(line: str) -> Packet:
    """The packet of a line ``pts,dts,duration,flags`` of ffprobe."""
    pts, dts, duration, flags = (*line.split(","), "", "", "", "")[:4]
    return Packet(_number(pts), _number(dts), _number(duration) or 0.0, "D" in flags)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def measured_times(
    packets: Sequence[Packet], header: StreamTimes, candidates: Sequence[Fraction] = (), *, breaks: bool = False
) -> StreamTimes:
    """The times of a stream all of whose packets were read, in the order of the file.

    Args:
        packets: all of them.
        header: what is kept where packets say nothing.
        candidates: rates that its header names, each of which may be the right one; none for sound.
        breaks: whether its format's timestamps may break off and go on elsewhere.
    """
    shown = [packet for packet in _timed(packets) if not packet.hidden]
    if not shown:
        return StreamTimes(header.first_pts_s, header.first_pts_s, 0.0, 0, header.frame_rate, measured=True)
    recordings = _recordings(shown, breaks=breaks)
    first_s = min(_begin(packet) for packet in recordings[0])
    played_s = sum(max(map(_end, each)) - min(map(_begin, each)) for each in recordings)
    last = max(recordings[-1], key=_begin)
    last_s = last.duration_s
    if candidates and not last_s:  # the last of a file may be without one
        last_s = float(1 / header.frame_rate)
        played_s += last_s
    times = sorted(map(_begin, shown)) if len(recordings) == 1 else []
    constant = next((fps for fps in candidates if times and is_even(times, fps)), None)
    uneven = usual_rate(times) if candidates and len(times) > 1 else header.frame_rate
    return StreamTimes(
        FileTime(first_s), FileTime(first_s + played_s), last_s, len(shown),
        constant or uneven, not candidates or constant is not None, measured=True,
        timed=all(_time(packet) is not None for packet in packets),
    )  # fmt: skip


def times_of_head_and_tail(
    head: Sequence[Packet], tail: Sequence[Packet], header: StreamTimes, candidates: Sequence[Fraction] = ()
) -> StreamTimes:
    """The times of a stream of which only packets of its beginning and of its end were read."""
    shown = [packet for packet in _timed(head) if not packet.hidden]
    ending = [packet for packet in _timed(tail) if not packet.hidden] or shown
    if not shown:
        return header
    times = sorted(map(_begin, shown))[:-_REORDERED]
    constant = next((fps for fps in candidates if len(times) > 1 and is_even(times, fps)), None)
    uneven = usual_rate(times) if candidates and len(times) > 1 else header.frame_rate
    mean_is_it = constant is not None and abs(header.frame_rate / constant - 1) < _SAME_RATE
    return StreamTimes(
        FileTime(min(map(_begin, shown))), FileTime(max(map(_end, ending))), max(ending, key=_begin).duration_s,
        header.packets, constant or uneven, mean_is_it or not candidates, measured=True,
    )  # fmt: skip


def last_end_s(packets: Sequence[Packet]) -> float | None:
    """When the last of some packets ends; None where none has a time."""
    return max((_end(packet) for packet in packets if packet.pts_s is not None and not packet.hidden), default=None)


def _begin(packet: Packet) -> float:
    return packet.pts_s or 0.0


def _end(packet: Packet) -> float:
    return (packet.pts_s or 0.0) + packet.duration_s


def _timed(packets: Sequence[Packet]) -> list[Packet]:
    """With a time for each. One that carries none follows the one before it, unless nothing has been decoded at a known
    time yet: then it is presented before all that have a time, as Matroska's blocks before zero are."""
    if any(each.pts_s is None for each in packets) and all(each.dts_s is not None for each in packets):
        return [each._replace(pts_s=each.dts_s) for each in packets]  # AVI knows when frames are decoded
    leading = next((number for number, each in enumerate(packets) if each.dts_s is not None), len(packets))
    known = [time for each in packets if (time := _time(each)) is not None]
    early_s = sum(each.duration_s for each in packets[:leading] if each.pts_s is None)
    early = min(known) - early_s if known else 0.0
    late, timed = early, []
    for number, packet in enumerate(packets):
        time = _time(packet)
        if time is None and number < leading:
            timed.append(packet._replace(pts_s=early))
            early += packet.duration_s
        else:
            timed.append(packet._replace(pts_s=late if time is None else time))
        late = _end(timed[-1])
    return timed


def _time(packet: Packet) -> float | None:
    return packet.dts_s if packet.pts_s is None else packet.pts_s


def _recordings(packets: Sequence[Packet], *, breaks: bool) -> list[list[Packet]]:
    """Parts of which each has a clock of its own."""
    parts: list[list[Packet]] = [[]]
    before: float | None = None
    for packet in packets:
        decoded = packet.dts_s if packet.dts_s is not None else packet.pts_s or 0.0
        if before is not None and (decoded < before - _BACK_S or (breaks and decoded > before + _FORWARD_S)):
            parts.append([])
        parts[-1].append(packet)
        before = decoded
    return parts
