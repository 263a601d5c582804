"""An mp4's index before its media, so that it plays before it is whole; and what that costs. Pure."""

from __future__ import annotations

from typing import Final

#: ``+faststart`` writes the media first, and all of it again behind the index.
REWRITTEN: Final = ("-movflags", "+faststart")
#: The most that a packet takes in the tables of sizes, times, keyframes and chunks (ISO/IEC 14496-12, 8.6 to 8.7).
_PACKET_BYTES: Final = 4 + 8 + 8 + 4 + 12 + 8
_BOXES_BYTES: Final = 65_536
#: What of the file may stay unused.
_SHARE: Final = 0.01


def in_front(packets: int, media_bytes: float) -> tuple[str, ...]:
    """Options of ffmpeg's muxer: room is left for the index where its size can be told and is little, else REWRITTEN.

    Args:
        packets: the most that there will be, of all streams.
        media_bytes: about how large the file will be.
    """
    room = _BOXES_BYTES + _PACKET_BYTES * packets
    return ("-moov_size", str(room)) if room <= _SHARE * media_bytes else REWRITTEN
