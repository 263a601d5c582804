"""Reads ffprobe's report of a file into values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from videojobs_worker.media.clocks import FileTime
from videojobs_worker.media.packets import PacketTimes, from_json
from videojobs_worker.media.source import AudioStream, MediaInfo, SubtitleStream, VideoStream
from videojobs_worker.media.stream_times import StreamTimes
from videojobs_worker.media.streams import default_audio
from videojobs_worker.probe.ffprobe_values import count_of, seconds_of
from videojobs_worker.probe.header_doubts import doubts_of
from videojobs_worker.probe.measurement import Measurement
from videojobs_worker.probe.prober import MOST_PACKETS
from videojobs_worker.probe.reported_picture import video_stream
from videojobs_worker.probe.reported_times import times_of

_PLAYED: Final = ("video", "audio")


def parse(
    data: dict[str, Any], measured: Measurement | None = None, decoders: frozenset[str] | None = None
) -> MediaInfo:
    """Read ffprobe's JSON (``-show_format -show_streams -show_chapters -show_data_hash murmur3``, and packets).

    Args:
        data: the JSON.
        measured: streams of which it has no packet at all are left out.
        decoders: the codecs that can be decoded; None where any that ffprobe knows can.
    """
    container, streams = data.get("format", {}), data.get("streams", [])
    formats = tuple(container.get("format_name", "").split(","))
    announced = [stream for stream in streams if stream.get("codec_type") in _PLAYED and not _cover(stream)]
    times = {id(stream): times_of(stream, formats, measured) for stream in announced}
    played = [stream for stream in announced if times[id(stream)].packets != 0 or measured is None]
    start_s = FileTime(seconds_of(container.get("start_time")) or 0.0)
    shown = [each for each in played if each["codec_type"] == "video"]
    pictures = [video_stream(each, times[id(each)], formats) for each in shown if _has_decoder(each, decoders)]
    heard = [each for each in played if each["codec_type"] == "audio"]
    sounds = tuple(_audio(each, number, times[id(each)], decoders) for number, each in enumerate(heard))
    video, audio = next(iter(pictures), None), default_audio(sounds, formats)
    return MediaInfo(
        formats=formats,
        duration_s=_duration(container, [times[id(stream)] for stream in played], start_s),
        bytes=count_of(container.get("size")) or 0,
        video=video,
        audio=audio,
        start_s=start_s,
        sounds=sounds,
        subtitles=_subtitles(streams),
        pictures=len(shown),
        unreadable=tuple(each.get("codec_name", "unknown") for each in shown if not _has_decoder(each, decoders)),
        packets=_packets(data.get("packets", ()), video, audio),
        doubts=doubts_of(container, announced) if measured is None else frozenset(),
        hollow=len(announced) - len(played),
        chapters_end_s=_chapters_end(data.get("chapters", ())),
    )


def _packets(
    packets: Sequence[dict[str, Any]], video: VideoStream | None, audio: AudioStream | None
) -> PacketTimes | None:
    """None where they were not asked for, or not all came."""
    if not 0 < len(packets) < MOST_PACKETS:
        return None
    return from_json(packets, video.index if video else None, audio.index if audio else None)


def _duration(container: dict[str, Any], times: Sequence[StreamTimes], start_s: FileTime) -> float | None:
    """The longest stream's: chapters and subtitles may go on behind the film."""
    ends = [each.end_pts_s for each in times]
    known = [end for end in ends if end is not None]
    return max(known) - start_s if known and len(known) == len(ends) else seconds_of(container.get("duration"))


def _chapters_end(chapters: Sequence[dict[str, Any]]) -> FileTime | None:
    ends = [seconds_of(chapter.get("end_time")) for chapter in chapters]
    return max((FileTime(end) for end in ends if end is not None), default=None)


def _cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _audio(stream: dict[str, Any], number: int, times: StreamTimes, decoders: frozenset[str] | None) -> AudioStream:
    return AudioStream(
        codec=stream.get("codec_name", "unknown"),
        sample_rate_hz=int(stream.get("sample_rate", 0)),
        channels=int(stream.get("channels", 0)),
        extradata=stream.get("extradata_hash", ""),
        times=times,
        index=int(stream["index"]),
        number=number,
        layout=stream.get("channel_layout", "").replace("unknown", ""),
        language=_language(stream),
        default=bool(stream.get("disposition", {}).get("default")),
        decodable=_decodable(stream, decoders),
    )


def _decodable(stream: dict[str, Any], decoders: frozenset[str] | None) -> bool:
    """ffprobe names no channels of a codec that it cannot read."""
    return int(stream.get("channels", 0)) > 0 and _has_decoder(stream, decoders)


def _has_decoder(stream: dict[str, Any], decoders: frozenset[str] | None) -> bool:
    codec = stream.get("codec_name", "unknown")
    return codec not in ("unknown", "none") and (decoders is None or codec in decoders)


def _language(stream: dict[str, Any]) -> str:
    return str(stream.get("tags", {}).get("language", "")).lower().replace("und", "")


def _subtitles(streams: Sequence[dict[str, Any]]) -> tuple[SubtitleStream, ...]:
    found = [stream for stream in streams if stream.get("codec_type") == "subtitle"]
    return tuple(
        SubtitleStream(
            codec=stream.get("codec_name", "unknown"),
            index=int(stream["index"]),
            number=number,
            language=_language(stream),
            default=bool(stream.get("disposition", {}).get("default")),
        )
        for number, stream in enumerate(found)
    )
