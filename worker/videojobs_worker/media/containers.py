"""What containers hold: their muxers, and the streams that are copied into them as they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from videojobs_protocol.work import AUDIO_CONTAINERS, Container, MediaOutput
from videojobs_worker.errors import JobError
from videojobs_worker.media.mp4_index import REWRITTEN

Kind = Literal["video", "audio"]


@dataclass(frozen=True)
class Held:
    """What a container holds, by ffprobe's names of codecs.

    Args:
        muxer: ffmpeg's name of its format.
        text_codec: what text subtitles become that it does not hold; empty where it holds no subtitles.
    """

    muxer: str
    video: frozenset[str]
    audio: frozenset[str]
    subtitles: frozenset[str] = frozenset()
    text_codec: str = ""


_PCM: Final = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"})
_MKV_VIDEO: Final = frozenset({
    "av1", "cinepak", "dnxhd", "dvvideo", "ffv1", "ffvhuff", "flv1", "h261", "h263", "h264", "hevc", "huffyuv",
    "jpeg2000", "magicyuv", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v2", "msmpeg4v3", "png", "prores",
    "rawvideo", "theora", "utvideo", "vc1", "vp8", "vp9", "wmv1", "wmv2", "wmv3",
})  # fmt: skip
_MKV_AUDIO: Final = _PCM | {
    "aac", "ac3", "adpcm_ima_wav", "adpcm_ms", "alac", "dts", "eac3", "flac", "mlp", "mp2", "mp3", "opus", "pcm_alaw",
    "pcm_mulaw", "pcm_s16be", "pcm_s24be", "truehd", "tta", "vorbis", "wavpack", "wmav1", "wmav2",
}  # fmt: skip
_BITMAP_SUBTITLES: Final = frozenset({"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"})
#: Subtitles that are text, which becomes another kind of text.
TEXT_SUBTITLES: Final = frozenset({"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"})
CONTAINERS: Final[Mapping[Container, Held]] = {
    "mp4": Held(
        "mp4",
        frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "vc1"}),
        frozenset({"aac", "alac", "mp3", "mp2", "ac3", "eac3", "dts", "opus", "flac", "vorbis"}),
        frozenset({"mov_text"}),
        "mov_text",
    ),
    "webm": Held(
        "webm",
        frozenset({"vp8", "vp9", "av1"}),
        frozenset({"opus", "vorbis"}),
        frozenset({"webvtt"}),
        "webvtt",
    ),
    "mkv": Held(
        "matroska",
        _MKV_VIDEO,
        _MKV_AUDIO,
        frozenset({"subrip", "srt", "ass", "ssa", "webvtt"}) | _BITMAP_SUBTITLES,
        "srt",
    ),
    "m4a": Held("ipod", frozenset(), frozenset({"aac", "alac"})),
    "mp3": Held("mp3", frozenset(), frozenset({"mp3"})),
    "opus": Held("opus", frozenset(), frozenset({"opus"})),
    "flac": Held("flac", frozenset(), frozenset({"flac"})),
    "wav": Held("wav", frozenset(), _PCM | {"pcm_alaw", "pcm_mulaw"}),
}
_VIDEO_CONTAINERS: Final = tuple(name for name in CONTAINERS if name not in AUDIO_CONTAINERS)
_WEBM_CODECS: Final = ("vp9", "av1", "copy")


def container_of(output: MediaOutput) -> Container:
    """The container asked for, or the one that the URI's ending names.

    Raises:
        JobError: InvalidOutput, where neither says it, or the container cannot hold the codec.
    """
    ending = output.uri.rpartition(".")[2].lower()
    container = output.container or next((name for name in CONTAINERS if name == ending), None)
    if container is None:
        endings = ", ".join(f".{name}" for name in CONTAINERS)
        raise JobError("InvalidOutput", f"{output.uri}: give container, or a uri that ends in one of {endings}")
    if container == "webm" and output.video.codec not in _WEBM_CODECS:
        raise JobError("InvalidOutput", f"{output.uri}: webm holds vp9 or av1, not {output.video.codec}")
    return container


def video_container_of(output: MediaOutput) -> Container:
    """The same for an output with a picture.

    Raises:
        JobError: InvalidOutput.
    """
    container = container_of(output)
    if container in AUDIO_CONTAINERS:
        text = f"{output.uri}: {container} holds sound alone: give {', '.join(_VIDEO_CONTAINERS)} for a picture"
        raise JobError("InvalidOutput", text)
    return container


def muxer_arguments(container: Container) -> tuple[str, ...]:
    """Format, and what makes a file play before it is whole."""
    start = REWRITTEN if container in ("mp4", "m4a") else ()
    flac = ("-strict", "experimental") if container == "mp4" else ()  # what ffmpeg 5.1 takes it for
    large = ("-rf64", "auto") if container == "wav" else ()  # of more than 4 GiB (EBU Tech 3306)
    return (*start, *flac, *large, "-f", CONTAINERS[container].muxer)


def holds(container: Container, kind: Kind, codec: str) -> bool:
    """Whether a container holds streams of a codec, by ffprobe's name."""
    return codec in (CONTAINERS[container].video if kind == "video" else CONTAINERS[container].audio)


def check_copied(output: MediaOutput, container: Container, kind: Kind, codec: str) -> None:
    """Refuse to copy into a container what it cannot hold; ``codec`` is the source's, by ffprobe's name.

    Raises:
        JobError: InvalidOutput.
    """
    if not holds(container, kind, codec):
        other = "mkv, or a codec" if holds("mkv", kind, codec) and container != "mkv" else "a codec"
        text = f"{output.uri}: {container} cannot hold the source's {codec}: choose {other} instead of copy"
        raise JobError("InvalidOutput", text)
