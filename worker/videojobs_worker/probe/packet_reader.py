"""Reads when the packets of a file are shown and decoded: once for its picture and its sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from videojobs_worker.media.packets import SHOW, PacketTimes, from_csv
from videojobs_worker.media.render.spans import WHOLE, Span, intervals
from videojobs_worker.media.source import Source
from videojobs_worker.process.demuxers import OPEN_MEDIA, TRUST_HEADER
from videojobs_worker.process.runner import capture

READ_TIMEOUT_S: Final = 120.0


def read_packet_times(source: Source, spans: Sequence[Span] = WHOLE, *, sound: bool = False) -> PacketTimes | None:
    """Those of the first picture and, where wanted, of the first sound; None where they cannot be read.

    Args:
        source: what is read.
        spans: what must be known; packets elsewhere may be missing.
        sound: whether to tell of it.
    """
    if source.info.packets is not None:
        return source.info.packets
    only = () if spans == WHOLE else ("-read_intervals", intervals(spans))
    streams = () if sound else ("-select_streams", "v:0")
    trust = TRUST_HEADER if "mov" in source.info.formats else ()  # Matroska's decoding times are guessed from frames
    command = (
        "ffprobe", "-v", "error", *OPEN_MEDIA, *trust, *only, *streams,
        "-show_entries", f"stream=index,codec_type:{SHOW}",
        "-of", "csv", f"file:{source.path}",
    )  # fmt: skip
    code, told, _ = capture(command, READ_TIMEOUT_S)
    return None if code else from_csv(told.splitlines())
