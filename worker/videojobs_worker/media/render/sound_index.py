"""Where the packets of a sound stream are, and which of them make up a timeline's sound without encoding.

AAC has packets of 1,024 samples (ISO/IEC 14496-3), about 21 ms at 48 kHz, so that a cut is never more than half of
that away from where it should be; packets lie on one grid over the whole render, so that this does not add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from videojobs_worker.media.render.cuts import delay_s
from videojobs_worker.media.render.spans import WHOLE, Span, unbroken
from videojobs_worker.media.render.timeline import Shot

SAMPLES_A_PACKET: Final = 1024
#: How far a packet may be from its place, in packets.
_JITTER: Final = 0.2
#: So many packets may be missing at a source's end: its sound stops a moment before its picture.
_MISSING: Final = 2


@dataclass(frozen=True)
class SoundIndex:
    """Packet ``n`` is heard at ``first_s + n * packet_s``, seconds on the file's clock."""

    first_s: float
    packet_s: float
    packets: int


@dataclass(frozen=True)
class Packets:
    """Packets ``[first, first + count)`` of a source take up ``slots`` packets of the render."""

    path: Path
    index: SoundIndex
    first: int
    count: int
    slots: int


def index_sound(lines: Sequence[str], packet_s: float, spans: Sequence[Span] = WHOLE) -> SoundIndex | None:
    """An index of the packets' ``pts,dts,flags`` in the spans, or None where they are not evenly spaced."""
    try:
        times = sorted({float(line.partition(",")[0]) for line in lines})
    except ValueError:
        return None
    if not times:
        return None
    places = [(time - times[0]) / packet_s for time in times]
    numbers = [round(place) for place in places]
    even = all(abs(place - number) < _JITTER for place, number in zip(places, numbers, strict=True))
    whole = unbroken(numbers, spans, times[0], packet_s)
    return SoundIndex(times[0], packet_s, numbers[-1] + 1) if even and whole else None


def packets_of(shots: Sequence[Shot], indexes: Sequence[SoundIndex], fps: Fraction) -> list[Packets] | None:
    """The packets of hard-cut shots in order, or None where a source has too few of them."""
    taken: list[Packets] = []
    frames = 0
    for shot, index in zip(shots, indexes, strict=True):
        begins_s = float(frames / fps)
        frames += shot.frames
        slots = range(_slot(begins_s, index), _slot(float(frames / fps), index))
        wanted_s = shot.source.info.start_s + delay_s(shot.source) + float(shot.first / fps)
        first = round((wanted_s + slots.start * index.packet_s - begins_s - index.first_s) / index.packet_s)
        count = min(len(slots), index.packets - first)
        if first < 0 or count < len(slots) - _MISSING:
            return None
        if count > 0:
            taken.append(Packets(shot.source.path, index, first, count, len(slots)))
    return taken


def _slot(time_s: float, index: SoundIndex) -> int:
    """The packet of the render that begins nearest to a time."""
    return math.floor(time_s / index.packet_s + 0.5)
