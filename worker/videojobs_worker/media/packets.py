"""When the packets of a file are shown and decoded, as ffprobe tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: ``-show_entries``: what is told of each.
SHOW: Final = "packet=stream_index,pts_time,dts_time,flags"


@dataclass(frozen=True)
class PacketTimes:
    """``pts,dts,flags`` of each packet of the first picture and sound, in the file's order; seconds on its clock."""

    picture: Sequence[str]
    sound: Sequence[str] = ()

    @classmethod
    def of(cls, lines: Mapping[str, Sequence[str]], kinds: Iterable[tuple[str, str]]) -> PacketTimes:
        """Those of the first streams: lines by stream, and the kind and name of each stream in the file's order."""
        first: dict[str, str] = {}
        for kind, stream in kinds:
            first.setdefault(kind, stream)
        return cls(*(lines.get(first.get(kind, ""), []) for kind in ("video", "audio")))


def from_csv(lines: Iterable[str]) -> PacketTimes:
    """Read ``-of csv``, which a whole film is told in: packets name their stream, and streams come last."""
    told: dict[str, list[str]] = {}
    kinds = []
    for line in lines:
        section, _, rest = line.partition(",")
        stream, _, words = rest.partition(",")
        if section == "packet":
            told.setdefault(stream, []).append(words)
        elif section == "stream":
            kinds.append((words.rstrip(","), stream))
    return PacketTimes.of(told, kinds)


def from_json(streams: Sequence[dict[str, Any]], packets: Iterable[dict[str, Any]]) -> PacketTimes:
    """Read them where they came with all that is told of a file."""
    told: dict[str, list[str]] = {}
    for packet in packets:
        words = ",".join((packet.get("pts_time", "N/A"), packet.get("dts_time", "N/A"), packet.get("flags", "")))
        told.setdefault(str(packet["stream_index"]), []).append(words)
    return PacketTimes.of(told, ((stream.get("codec_type", ""), str(stream["index"])) for stream in streams))
