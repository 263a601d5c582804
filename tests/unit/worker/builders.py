"""Small values for the worker's unit tests."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from videojobs_worker.media.clocks import FileTime
from videojobs_worker.media.source import AudioStream, MediaInfo, Source, VideoStream
from videojobs_worker.media.stream_times import StreamTimes
from videojobs_worker.process.ffmpeg_build import FfmpegBuild


def times(
    first_s: float = 0.0, duration_s: float | None = None, fps: float | Fraction = 25, **changes: Any
) -> StreamTimes:
    """When a stream is presented; its end is known where its ``duration_s`` is."""
    end_s = None if duration_s is None else FileTime(first_s + duration_s)
    usual: dict[str, Any] = {"first_pts_s": first_s, "end_pts_s": end_s, "frame_rate": Fraction(fps)}
    return StreamTimes(**{**usual, **changes})


def video(
    *,
    fps: float = 25,
    start_s: float = 0.0,
    duration_s: float | None = None,
    frames: int | None = None,
    steady: bool = True,
    **changes: Any,
) -> VideoStream:
    """1280x720 at 25 frames a second."""
    usual: dict[str, Any] = {"codec": "h264", "width": 1280, "height": 720}
    when = times(start_s, duration_s, fps, packets=frames, constant=steady)
    return VideoStream(**{**usual, "times": when, **changes})


def audio(*, start_s: float = 0.0, duration_s: float | None = None, **changes: Any) -> AudioStream:
    """Stereo AAC."""
    usual: dict[str, Any] = {"codec": "aac", "sample_rate_hz": 48_000, "channels": 2}
    return AudioStream(**{**usual, "times": times(start_s, duration_s), **changes})


_USUAL = object()


def info(
    duration_s: float | None = 10.0, picture: Any = _USUAL, sound: Any = _USUAL, sounds: Any = None, **more: Any
) -> MediaInfo:
    """An mp4 of ten seconds; its one sound is ``sound``, or the first of ``sounds`` is."""
    if sounds is not None:
        sound = sounds[0] if sounds else None
    heard = audio() if sound is _USUAL else sound
    return MediaInfo(
        formats=("mov", "mp4"),
        duration_s=duration_s,
        bytes=1000,
        video=video() if picture is _USUAL else picture,
        audio=heard,
        sounds=tuple(sounds) if sounds is not None else (heard,) if heard else (),
        **more,
    )


def source(name: str = "a.mp4", **changes: Any) -> Source:
    """A source as fetched and probed."""
    return Source(f"file:///media/{name}", Path(f"/media/{name}"), info(**changes))


def ffmpeg(**changes: Any) -> FfmpegBuild:
    """A build of version 7 that has nothing."""
    nothing: frozenset[str] = frozenset()
    usual: dict[str, Any] = {"version": "7.1", "libavcodec": (61, 19), "encoder_time_bases": frozenset({"demux"})}
    lists = dict.fromkeys(("filters", "encoders", "decoded_codecs", "muxers", "demuxers", "options"), nothing)
    return FfmpegBuild(**{**usual, **lists, **changes})


def after(arguments: tuple[str, ...] | list[str], option: str) -> list[str]:
    """The values of every ``option`` in an argument list, in order."""
    return [value for name, value in pairwise(arguments) if name == option]
