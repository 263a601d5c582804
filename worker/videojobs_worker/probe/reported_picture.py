"""A picture stream, by what ffprobe reports of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from videojobs_worker.media.hdr_metadata import hdr_metadata
from videojobs_worker.media.source import VideoStream
from videojobs_worker.media.stream_times import StreamTimes
from videojobs_worker.probe.ffprobe_values import ratio_of

#: Of mp4, tags of pictures whose parameters stand in the header alone: none of another size can follow.
_FIXED_TAGS: Final = frozenset({"avc1", "hvc1", "dvh1", "mp4v", "jpeg", "apch", "apcn", "apcs", "apco", "ap4h", "ap4x"})
#: ffprobe's field orders: the first letter is the field that is stored first, the second the one that is shown first.
_FIELDS: Final = frozenset({"tt", "bb", "tb", "bt"})


def video_stream(stream: dict[str, Any], times: StreamTimes, formats: Sequence[str]) -> VideoStream:
    """The picture stream of one of ``-show_streams``."""
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    aspect = float(ratio_of(stream.get("sample_aspect_ratio")) or 1.0)
    rotation, mirrored = _display(stream)
    if abs(rotation % 180 - 90) <= 1:  # what is turned otherwise keeps its sides (fftools' autorotation)
        width, height, aspect = height, width, 1 / aspect
    order = stream.get("field_order", "")
    return VideoStream(
        codec=stream.get("codec_name", "unknown"),
        width=width,
        height=height,
        sample_aspect=aspect,
        times=times,
        pixel_format=stream.get("pix_fmt", ""),
        rotation=rotation,
        mirrored=mirrored,
        interlaced=order in _FIELDS,
        bottom_first=order in _FIELDS and order[1] == "b",
        reordered=int(stream.get("has_b_frames", 0)) > 0,
        variable_size=not ("mov" in formats and stream.get("codec_tag_string") in _FIXED_TAGS),
        extradata=stream.get("extradata_hash", ""),
        timescale=_timescale(stream.get("time_base", "")),
        transfer=stream.get("color_transfer", ""),
        primaries=stream.get("color_primaries", ""),
        matrix=stream.get("color_space", ""),
        range=stream.get("color_range", "").replace("unknown", ""),
        index=int(stream["index"]),
        hdr_metadata=hdr_metadata(stream.get("side_data_list", ())),
    )


def _timescale(time_base: str) -> int:
    tick, _, second = time_base.partition("/")
    return int(second) if tick == "1" and second.isdecimal() else 0


def _display(stream: dict[str, Any]) -> tuple[int, bool]:
    """Degrees, and whether it is mirrored: by its display matrix, or a tag of old files."""
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(float(side["rotation"])), _mirrors(side.get("displaymatrix", ""))
    return int(stream.get("tags", {}).get("rotate", 0)), False


def _mirrors(matrix: str) -> bool:
    """``00000000: a b u`` and two such rows: the determinant of a, b, c and d tells."""
    rows = [line.split()[1:3] for line in matrix.splitlines() if ":" in line]
    if len(rows) < 2:
        return False
    (a, b), (c, d) = ([int(number) for number in row] for row in rows[:2])
    return a * d - b * c < 0
