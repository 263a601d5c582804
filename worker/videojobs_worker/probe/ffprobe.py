"""Reads what ffprobe reports of a file into values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from videojobs_worker.errors import JobError
from videojobs_worker.media.packets import from_json
from videojobs_worker.media.source import AudioStream, MediaInfo, VideoStream
from videojobs_worker.probe.prober import MOST_PACKETS, PROBER

#: Pixels of the largest picture: those of 16K. One of them is 200 MB to a decoder, and ffmpeg holds several.
MAX_PIXELS = 2**27
_REFUSED = re.compile(r"\[(\S+) @ \w+\] Format not on whitelist")


def probe(path: str, uri: str, *, served: bool = False, packets: bool = False) -> MediaInfo:
    """Ask ffprobe. ``uri`` names the file to the reader; one that is ``served`` has an address for its path.

    Args:
        packets: whether those of a small file will be needed too.

    Raises:
        JobError: SourceNotMedia, SourceTooLarge, or SourceTruncated where the index at the end is missing.
    """
    code, output, tail = PROBER.ask_served(path) if served else PROBER.ask(path, packets=packets)
    if code:
        raise _unreadable(path, uri, tail)
    info = parse(json.loads(output))
    if info.video:
        _check_size(info.video, uri, tail)
    return info


def _check_size(video: VideoStream, uri: str, tail: str) -> None:
    pixels = video.width * video.height
    if not pixels:
        text = f"{uri} has a picture whose size ffmpeg does not believe: it is broken, or too large"
        raise JobError("SourceNotMedia", text, log_tail=tail)
    if pixels > MAX_PIXELS:
        text = f"{uri} has pictures of {video.width}x{video.height}: {MAX_PIXELS} pixels is the most that is decoded"
        raise JobError("SourceTooLarge", text)


def _unreadable(path: str, uri: str, tail: str) -> JobError:
    last = tail.strip().splitlines()[-1].rpartition(": ")[2] if tail.strip() else "no reason given"
    if refused := _REFUSED.search(tail):
        text = f"{uri} is {refused[1]}, a playlist or another format that is not read: give the media itself"
        return JobError("SourceNotMedia", text)
    if "moov atom not found" in tail and Path(path).is_file() and _begins_as_mp4(path):
        text = f"{uri} is cut off: its index is missing; write the file anew"
        return JobError("SourceTruncated", text, log_tail=tail)
    return JobError("SourceNotMedia", f"{uri} is no media that ffmpeg can read: {last}", log_tail=tail)


def _begins_as_mp4(path: str) -> bool:
    """ffmpeg takes any file called .mp4 for one; a real one begins with a ``ftyp`` box (ISO/IEC 14496-12)."""
    with Path(path).open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def parse(data: dict[str, Any]) -> MediaInfo:
    """Read ffprobe's JSON (``-show_format -show_streams -show_data_hash murmur3``, and packets)."""
    container, streams = data.get("format", {}), data.get("streams", [])
    packets = data.get("packets", ())
    return MediaInfo(
        formats=tuple(container.get("format_name", "").split(",")),
        duration_s=_duration(container, streams),
        bytes=int(container.get("size", 0)),
        video=next((_video(s) for s in streams if s.get("codec_type") == "video" and not _cover(s)), None),
        audio=next((_audio(s) for s in streams if s.get("codec_type") == "audio"), None),
        start_s=_number(container.get("start_time")) or 0.0,
        sounds=_count(streams, "audio"),
        subtitles=_count(streams, "subtitle"),
        packets=from_json(streams, packets) if 0 < len(packets) < MOST_PACKETS else None,  # none asked, or not all
    )


def _count(streams: list[dict[str, Any]], kind: str) -> int:
    return sum(stream.get("codec_type") == kind for stream in streams)


def _duration(container: dict[str, Any], streams: list[dict[str, Any]]) -> float | None:
    told = [container.get("duration"), *(stream.get("duration") for stream in streams)]
    return next((seconds for text in told if (seconds := _number(text)) is not None), None)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "N/A")
    except ValueError:
        return None


def _clock(text: str) -> float | None:
    """Seconds of Matroska's ``00:01:02.500000000``."""
    parts = [_number(part) for part in text.split(":")]
    if len(parts) != 3 or None in parts:
        return None
    hours, minutes, seconds = (part or 0.0 for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def _cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _video(stream: dict[str, Any]) -> VideoStream:
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    if _rotation(stream) % 180:
        width, height = height, width
    return VideoStream(
        codec=stream.get("codec_name", "unknown"),
        width=width,
        height=height,
        fps=_ratio(stream.get("avg_frame_rate")) or _ratio(stream.get("r_frame_rate")) or 25.0,
        sample_aspect=_ratio(stream.get("sample_aspect_ratio", "").replace(":", "/")) or 1.0,
        frames=int(stream["nb_frames"]) if stream.get("nb_frames", "N/A") != "N/A" else None,
        duration_s=_stream_duration(stream),
        start_s=_number(stream.get("start_time")) or 0.0,
        pixel_format=stream.get("pix_fmt", ""),
        rotation=_rotation(stream),
        interlaced=stream.get("field_order", "progressive") not in ("progressive", "unknown"),
        extradata=stream.get("extradata_hash", ""),
        timescale=_timescale(stream.get("time_base", "")),
        transfer=stream.get("color_transfer", ""),
        primaries=stream.get("color_primaries", ""),
        matrix=stream.get("color_space", ""),
        steady=_ratio(stream.get("avg_frame_rate")) == _ratio(stream.get("r_frame_rate")),
    )


def _stream_duration(stream: dict[str, Any]) -> float | None:
    """Matroska's tag tells when a stream ends, on the file's clock."""
    if length := _number(stream.get("duration")):
        return length
    end = _clock(stream.get("tags", {}).get("DURATION", ""))
    return None if end is None else end - (_number(stream.get("start_time")) or 0.0)


def _timescale(time_base: str) -> int:
    tick, _, second = time_base.partition("/")
    return int(second) if tick == "1" and second.isdecimal() else 0


def _rotation(stream: dict[str, Any]) -> int:
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return int(float(side["rotation"]))
    return int(stream.get("tags", {}).get("rotate", 0))


def _audio(stream: dict[str, Any]) -> AudioStream:
    return AudioStream(
        codec=stream.get("codec_name", "unknown"),
        sample_rate_hz=int(stream.get("sample_rate", 0)),
        channels=int(stream.get("channels", 0)),
        extradata=stream.get("extradata_hash", ""),
        duration_s=_stream_duration(stream),
        start_s=_number(stream.get("start_time")) or 0.0,
    )


def _ratio(text: str | None) -> float | None:
    numerator, _, denominator = (text or "0").partition("/")
    try:
        value = float(numerator) / float(denominator or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value or None
