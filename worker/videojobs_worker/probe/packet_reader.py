"""Reads when the packets of a file are shown and decoded: once for its picture and its sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.packets import SHOW, PacketTimes, from_csv
from videojobs_worker.media.render.spans import WHOLE, Span, intervals
from videojobs_worker.media.source import Source
from videojobs_worker.process.demuxers import TRUST_HEADER, probed_input
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

READ_TIMEOUT_S: Final = 120.0


def read_packet_times(
    source: Source, stopper: Stopper, spans: Sequence[Span] = WHOLE, *, sound: bool = False
) -> PacketTimes | None:
    """Those of the picture and, where wanted, of the sound; None where they cannot be read.

    Args:
        source: what is read.
        stopper: ends it early.
        spans: what must be known; packets elsewhere may be missing.
        sound: whether to tell of it.
    """
    if source.info.packets is not None:
        return source.info.packets
    only = () if spans == WHOLE else ("-read_intervals", intervals(spans))
    video, audio = source.info.video, source.info.audio if sound else None
    streams = () if audio or not video else ("-select_streams", str(video.index))
    trust = TRUST_HEADER if "mov" in source.info.formats else ()  # Matroska's decoding times are guessed from frames
    command = (
        "ffprobe", "-v", "error", *trust, *only, *streams, "-show_entries", SHOW, "-of", "csv=p=0",
        *probed_input(source.opened),
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S, stopper)
    if code:
        return None
    return from_csv(told.splitlines(), video.index if video else None, audio.index if audio else None)
