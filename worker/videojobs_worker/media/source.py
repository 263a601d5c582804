"""A source as plans see it: its file, its container and its streams, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from videojobs_worker.errors import JobError
from videojobs_worker.media.packets import PacketTimes


@dataclass(frozen=True)
class VideoStream:
    """The first picture stream. Width and height in pixels, as shown after rotation."""

    codec: str
    width: int
    height: int
    fps: float
    sample_aspect: float
    frames: int | None = None
    duration_s: float | None = None  # its own, which may be less than the file's
    start_s: float = 0.0  # of its first picture, on the file's clock
    pixel_format: str = "yuv420p"
    rotation: int = 0  # degrees, done by whoever shows it
    interlaced: bool = False
    extradata: str = ""  # a hash of the decoder's parameters
    timescale: int = 0  # ticks a second, 0 where a tick is no whole part of one
    transfer: str = ""  # how light is coded, by ffmpeg's name; empty where it is not told
    primaries: str = ""
    matrix: str = ""
    steady: bool = True  # as many frames in every second, as far as its header tells


@dataclass(frozen=True)
class AudioStream:
    """The first sound stream."""

    codec: str
    sample_rate_hz: int
    channels: int
    extradata: str = ""  # a hash of the decoder's parameters
    duration_s: float | None = None  # its own, which may be less than the file's
    start_s: float = 0.0  # of its first sample, on the file's clock


@dataclass(frozen=True)
class MediaInfo:
    """A media file. ``packets`` are told where they were asked for and had at once."""

    formats: tuple[str, ...]
    duration_s: float | None
    bytes: int
    video: VideoStream | None
    audio: AudioStream | None
    start_s: float = 0.0  # of whatever comes first in it
    sounds: int = 0  # streams of sound
    subtitles: int = 0  # streams of text
    packets: PacketTimes | None = None


@dataclass(frozen=True)
class Source:
    """A source that was fetched and probed. ``uri`` is only for messages."""

    uri: str
    path: Path
    info: MediaInfo
    served: str = ""  # the worker's own address of a source that is fetched as it is read
    identity: str = ""  # differs whenever the content does: size and time of modification, or an ETag; empty: unknown


def video_of(source: Source) -> VideoStream:
    """The picture stream of a source.

    Raises:
        JobError: NoVideoStream.
    """
    if source.info.video is None:
        raise JobError("NoVideoStream", f"{source.uri} has no picture: give a source with a video stream")
    return source.info.video
