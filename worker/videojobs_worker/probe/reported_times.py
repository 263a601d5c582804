"""The times of a stream, by what ffprobe reports of its header and, where they were read, by its packets. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from videojobs_worker.media.clocks import FileTime
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.stream_times import StreamTimes, measured_times, times_of_head_and_tail
from videojobs_worker.probe.ffprobe_values import count_of, ratio_of, seconds_of, tagged_end_s
from videojobs_worker.probe.measurement import Measurement

#: Formats whose timestamps may break off and go on elsewhere (libavformat's AVFMT_TS_DISCONT).
_BREAKING: Final = frozenset({"mpegts", "mpeg"})
_USUAL_RATE: Final = Fraction(25)
#: Denominators of the rates that cameras have; a mean of uneven frames has others, unless it is that of slides.
_CAMERAS: Final = (1, 1001)


def times_of(stream: dict[str, Any], formats: Sequence[str], measured: Measurement | None = None) -> StreamTimes:
    """When a stream of ``-show_streams`` is presented."""
    header, number = header_times(stream), stream.get("index", 0)
    candidates = _rates(stream) if stream.get("codec_type") == "video" else ()
    if measured is None:
        return header
    packets = measured.packets.get(number, ())
    if measured.tail is not None:
        return times_of_head_and_tail(packets, measured.tail.get(number, ()), header, candidates)
    return measured_times(packets, header, candidates, breaks=not _BREAKING.isdisjoint(formats))


def header_times(stream: dict[str, Any]) -> StreamTimes:
    """By its header alone."""
    first_s = seconds_of(stream.get("start_time")) or 0.0
    length_s, end_s = seconds_of(stream.get("duration")), tagged_end_s(stream)
    if length_s:
        end_s = first_s + length_s
    mean, least = ratio_of(stream.get("avg_frame_rate")), ratio_of(stream.get("r_frame_rate"))
    return StreamTimes(
        first_pts_s=FileTime(first_s),
        end_pts_s=None if end_s is None else FileTime(end_s),
        packets=count_of(stream.get("nb_frames")),
        frame_rate=mean or least or _USUAL_RATE,
        constant=mean == least,
    )


def _rates(stream: dict[str, Any]) -> list[Fraction]:
    """Rates that may be the picture's: libavformat's guess by its first timestamps, or a mean that cameras have."""
    least, mean = (ratio_of(stream.get(name)) for name in ("r_frame_rate", "avg_frame_rate"))
    snapped = [rate(each) for each in (least, mean) if each is not None]
    kept = [each for each in snapped if each.denominator in _CAMERAS or each < 1]
    return list(dict.fromkeys([*kept, *([least] if least else ())])) or [_USUAL_RATE]
