"""When the packets of a file are shown and decoded, as ffprobe tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: ``-show_entries``: what is told of each.
SHOW: Final = "packet=stream_index,pts_time,dts_time,flags"


@dataclass(frozen=True)
class PacketTimes:
    """``pts,dts,flags`` of each packet of a picture and a sound, in the file's order; seconds on its clock."""

    picture: Sequence[str]
    sound: Sequence[str] = ()

    @classmethod
    def of(cls, packets: Iterable[tuple[str, str]], picture: int | None, sound: int | None) -> PacketTimes:
        """Those of two streams by their indexes, of packets with the index of their stream."""
        found: dict[str, list[str]] = {}
        for stream, times in packets:
            found.setdefault(stream, []).append(times)
        return cls(found.get(str(picture), []), found.get(str(sound), []))


def from_csv(lines: Iterable[str], picture: int | None, sound: int | None) -> PacketTimes:
    """Read ``-of csv=p=0``, which a whole film is told in."""
    rows = (line.partition(",") for line in lines)
    return PacketTimes.of(((stream, times) for stream, _, times in rows), picture, sound)


def from_json(packets: Iterable[dict[str, Any]], picture: int | None, sound: int | None) -> PacketTimes:
    """Read them where they came with all that is told of a file."""
    rows = ((str(packet["stream_index"]), _times(packet)) for packet in packets)
    return PacketTimes.of(rows, picture, sound)


def _times(packet: dict[str, Any]) -> str:
    return ",".join((packet.get("pts_time", "N/A"), packet.get("dts_time", "N/A"), packet.get("flags", "")))
