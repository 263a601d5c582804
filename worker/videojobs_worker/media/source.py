"""A source as plans see it: its file, its container and its streams, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from videojobs_worker.errors import JobError
from videojobs_worker.media.clocks import FILE_ZERO, FileTime, SourceTime
from videojobs_worker.media.hdr_metadata import HdrMetadata
from videojobs_worker.media.packets import PacketTimes
from videojobs_worker.media.stream_times import UNKNOWN_TIMES, StreamTimes

#: What a header may be wrong about: when streams begin and end, or only at which rate the frames come.
Doubt = Literal["length", "rate"]


#: Formats without an index: ffmpeg seeks in them by guess, and misses frames.
_UNINDEXED: Final = frozenset({"mpegts", "mpeg"})


@dataclass(frozen=True)
class VideoStream:
    """A picture stream. Width, height and the aspect of its pixels are those that are shown, after rotation."""

    codec: str
    width: int
    height: int
    sample_aspect: float = 1.0
    times: StreamTimes = UNKNOWN_TIMES
    pixel_format: str = "yuv420p"
    rotation: int = 0  # degrees, done by whoever shows it
    orientation: int = 1  # of a photograph, Exif's: 1 is upright
    mirrored: bool = False  # after rotation
    interlaced: bool = False
    bottom_first: bool = False  # of two fields, the lower one is presented first
    reordered: bool = False  # its packets do not come in the order in which its frames are shown
    variable_size: bool = False  # its size may change midway, of which the header says nothing
    changes_size: bool = False  # it does, as far as anybody has looked
    extradata: str = ""  # a hash of the decoder's parameters
    timescale: int = 0  # ticks a second, 0 where a tick is no whole part of one
    transfer: str = ""  # how light is coded, by ffmpeg's name; empty where it is not told
    primaries: str = ""
    matrix: str = ""
    hdr_metadata: HdrMetadata | None = None
    range: str = ""  # tv or pc; empty where it is not said
    index: int = 0  # of the stream in its file, as ffmpeg counts

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.times.frame_rate)


@dataclass(frozen=True)
class AudioStream:
    """A sound stream."""

    codec: str
    sample_rate_hz: int
    channels: int
    extradata: str = ""  # a hash of the decoder's parameters
    times: StreamTimes = UNKNOWN_TIMES
    index: int = 1  # of the stream in its file, as ffmpeg counts
    number: int = 0  # among the streams of sound in its file
    layout: str = ""  # by ffmpeg's name; empty where it is not known which channel is which
    language: str = ""  # as the file writes it
    default: bool = False
    decodable: bool = True
    right: int | None = None  # the index of another stream that has the right channel, and this one only the left


@dataclass(frozen=True)
class SubtitleStream:
    """A subtitle stream."""

    codec: str
    index: int
    language: str = ""  # as the file writes it
    default: bool = False
    number: int = 0  # among the streams of subtitles in its file


@dataclass(frozen=True)
class MediaInfo:
    """A media file.

    Args:
        formats: ffprobe's names of its format.
        duration_s: seconds from its start to the end of its last picture or sound; None where nothing says so.
        bytes: its size.
        video: the first picture stream that is no cover art and can be decoded.
        audio: the default stream of sound, or the first that can be decoded; of two that are left and right, both.
        start_s: its first timestamp, from which ffmpeg's ``-ss`` counts.
        sounds: all streams of sound, in the order of the file.
        subtitles: all streams of subtitles.
        pictures: how many picture streams there are, cover art not counted.
        unreadable: codecs of the picture streams that this ffmpeg cannot decode.
        packets: those of ``video`` and ``audio``, where they were asked for and came along.
        doubts: what its header may be wrong about and nobody has asked the packets.
        remark: what its header says wrongly, in words.
        hollow: streams that its header announces and of which not one packet is there.
        missing: what of it is not there, in words; its times are of what is there.
        chapters_end_s: when its last chapter ends; None where it has none.
    """

    formats: tuple[str, ...]
    duration_s: float | None
    bytes: int
    video: VideoStream | None
    audio: AudioStream | None
    start_s: FileTime = FILE_ZERO
    sounds: tuple[AudioStream, ...] = ()
    subtitles: tuple[SubtitleStream, ...] = ()
    pictures: int = 1
    unreadable: tuple[str, ...] = ()
    packets: PacketTimes | None = None
    doubts: frozenset[Doubt] = frozenset()
    remark: str = ""
    hollow: int = 0
    missing: str = ""
    chapters_end_s: FileTime | None = None

    @property
    def seekable(self) -> bool:
        """Whether its format has an index, or tells times everywhere. Others are joined, and their clocks jump."""
        return _UNINDEXED.isdisjoint(self.formats)

    @property
    def picture_starts_s(self) -> SourceTime:
        """When its first frame is presented; an encoder's priming of the sound comes before, or a film's music."""
        return SourceTime(max(0.0, self.video.times.first_pts_s - self.start_s) if self.video else 0.0)

    @property
    def picture_ends_s(self) -> SourceTime | None:
        """When its last frame ends, before which the sound may have ended or not; None where nothing says so."""
        end = self.video.times.end_pts_s if self.video else None
        return None if end is None else SourceTime(end - self.start_s)


@dataclass(frozen=True)
class Source:
    """A source that was fetched and probed. ``uri`` is only for messages."""

    uri: str
    path: Path
    info: MediaInfo
    served: str = ""  # the worker's own address of a source that is fetched as it is read
    identity: str = ""  # differs whenever the content does: size and time of modification, or an ETag; empty: unknown

    @property
    def opened(self) -> Path | str:
        """What ffmpeg opens: a path, or the worker's own address."""
        return self.served or self.path


def cut_off_error(source: Source) -> JobError:
    """More is needed of a source than is there."""
    text = f"{source.uri} is cut off: {source.info.missing}; write the file anew"
    return JobError("SourceTruncated", text)


def video_of(source: Source) -> VideoStream:
    """The picture stream of a source.

    Raises:
        JobError: NoVideoStream.
    """
    if source.info.video is None:
        codecs = " and ".join(source.info.unreadable)
        why = f" that this ffmpeg can decode, only {codecs}" if codecs else ""
        raise JobError("NoVideoStream", f"{source.uri} has no picture{why}: give a source with a video stream")
    return source.info.video
