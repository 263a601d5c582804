"""Encoder arguments: which encoder makes a codec, at which speed, and what a container adds.

Speeds are those at which a codec's time and size balance for bulk work: x264 ``veryfast`` is three times as fast
as its default for some percent of size; users who want less size give ``crf`` or ``bitrate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from videojobs_protocol.work import AudioCodec, Container, MediaOutput, VideoCodec
from videojobs_worker.errors import JobError
from videojobs_worker.media.mp4_index import REWRITTEN

_CPU: Final[dict[VideoCodec, tuple[str, ...]]] = {
    "h264": ("libx264", "-preset", "veryfast"),
    "h265": ("libx265", "-preset", "veryfast"),
    "vp9": ("libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-row-mt", "1"),
    "av1": ("libsvtav1", "-preset", "8"),
}
_NVENC: Final[dict[VideoCodec, tuple[str, ...]]] = {
    "h264": ("h264_nvenc", "-preset", "p4"),
    "h265": ("hevc_nvenc", "-preset", "p4"),
    "av1": ("av1_nvenc", "-preset", "p4"),
}
#: Encoders of ours that can; SVT-AV1 through ffmpeg 5 cannot.
_TWO_PASSES: Final[frozenset[VideoCodec]] = frozenset({"h264", "h265", "vp9"})
_DEFAULT_CRF: Final[dict[VideoCodec, int]] = {"h264": 23, "h265": 26, "vp9": 32, "av1": 35}
_MUXER: Final[dict[Container, str]] = {"mp4": "mp4", "webm": "webm", "mkv": "matroska"}
#: And bits a second of two channels.
_AUDIO: Final[dict[AudioCodec, tuple[str, int]]] = {
    "aac": ("aac", 128_000),
    "opus": ("libopus", 96_000),
}
#: ffprobe's names for what we call codecs.
PROBE_NAMES: Final[dict[VideoCodec, str]] = {"h264": "h264", "h265": "hevc", "vp9": "vp9", "av1": "av1"}
_WEBM_CODECS: Final = ("vp9", "av1", "copy")
#: By ffprobe's names; VP8 and Vorbis too, which are only copied.
_WEBM_STREAMS: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})


def container_of(output: MediaOutput) -> Container:
    """The container asked for, or the one that the URI's ending names.

    Raises:
        JobError: InvalidOutput, where neither says it, or the container cannot hold the codec.
    """
    ending = output.uri.rpartition(".")[2].lower()
    container = output.container or ending
    if container not in _MUXER:
        text = f"{output.uri}: give container, or a uri that ends in .mp4, .webm or .mkv"
        raise JobError("InvalidOutput", text)
    if container == "webm" and output.video.codec not in _WEBM_CODECS:
        text = f"{output.uri}: webm holds vp9 or av1, not {output.video.codec}"
        raise JobError("InvalidOutput", text)
    return container


def muxer_arguments(container: Container) -> tuple[str, ...]:
    """Format, and what makes a file play before it is whole."""
    start = REWRITTEN if container == "mp4" else ()
    return (*start, "-f", _MUXER[container])


@dataclass(frozen=True)
class Pass:
    """One of two passes over the same pictures; the first writes the statistics that the second reads."""

    number: Literal[1, 2]
    statistics: str  # a file's name in the scratch folder


def passes_twice(output: MediaOutput, *, nvenc: bool) -> bool:
    """Whether an average bit rate is met by two passes: one of an unknown film guesses, and wastes what it saves."""
    video = output.video
    return video.bitrate_bps is not None and video.codec in _TWO_PASSES and not _on_gpu(output, nvenc)


def video_arguments(
    output: MediaOutput, container: Container, threads: int, *, nvenc: bool, passing: Pass | None = None
) -> tuple[str, ...]:
    """Encoder, quality and tag of the picture."""
    video = output.video
    if video.codec == "copy":
        return ("-c:v", "copy")
    on_gpu = _on_gpu(output, nvenc)
    encoder, *options = (_NVENC if on_gpu else _CPU)[video.codec]
    tag = ("-tag:v", "hvc1") if video.codec == "h265" and container == "mp4" else ()
    pool = () if on_gpu else _pool(encoder, threads, passing)
    return ("-c:v", encoder, *options, *_quality(output, on_gpu), *pool, "-pix_fmt", video.pixel_format, *tag)


def _on_gpu(output: MediaOutput, nvenc: bool) -> bool:
    return nvenc and output.video.codec in _NVENC and output.video.pixel_format == "yuv420p"


def copied_video_arguments(codec: str, container: Container) -> tuple[str, ...]:
    """A picture stream taken as it is, under the tag that players of the container know. ``codec`` is ffprobe's."""
    return ("-c:v", "copy", "-tag:v", "hvc1") if codec == "hevc" and container == "mp4" else ("-c:v", "copy")


def check_copies(output: MediaOutput, container: Container, video: str, audio: str | None) -> None:
    """Refuse to copy into webm what it cannot hold; ``video`` and ``audio`` are the source's, by ffprobe's names.

    Raises:
        JobError: InvalidOutput.
    """
    copied = [video] if output.video.codec == "copy" else []
    copied += [audio] if audio and output.audio.codec == "copy" else []
    if container == "webm" and (wrong := [codec for codec in copied if codec not in _WEBM_STREAMS]):
        text = f"{output.uri}: webm cannot hold the source's {wrong[0]}: choose mkv, or a codec instead of copy"
        raise JobError("InvalidOutput", text)


def _pool(encoder: str, threads: int, passing: Pass | None) -> tuple[str, ...]:
    """How many threads, and which pass; x265 and SVT-AV1 have options of their own, and count the host's processors."""
    count = ("-threads", str(threads))
    if encoder == "libx265":
        passes = f":pass={passing.number}:stats={passing.statistics}" if passing else ""
        return (*count, "-x265-params", f"log-level=error:pools={threads}{passes}")
    if encoder == "libsvtav1":
        return (*count, "-svtav1-params", f"lp={threads}")
    return (*count, "-pass", str(passing.number), "-passlogfile", passing.statistics) if passing else count


def _quality(output: MediaOutput, on_gpu: bool) -> tuple[str, ...]:
    video = output.video
    if video.bitrate_bps:
        return ("-b:v", str(video.bitrate_bps))
    crf = str(video.crf if video.crf is not None else _DEFAULT_CRF[video.codec])
    if on_gpu:
        return ("-rc", "vbr", "-cq", crf, "-b:v", "0")
    return ("-crf", crf, "-b:v", "0") if video.codec == "vp9" else ("-crf", crf)


def audio_codec(output: MediaOutput, container: Container) -> AudioCodec:
    """What was asked for, or what the container usually holds."""
    return output.audio.codec or ("opus" if container == "webm" else "aac")


def audio_arguments(output: MediaOutput, container: Container, channels: int = 2) -> tuple[str, ...]:
    """Encoder and bit rate of the sound."""
    codec = audio_codec(output, container)
    if codec == "none":
        return ("-an",)
    if codec == "copy":
        return ("-c:a", "copy")
    encoder, stereo_bps = _AUDIO[codec]
    usual_bps = stereo_bps * max(2, channels) // 2
    return ("-c:a", encoder, "-b:a", str(output.audio.bitrate_bps or usual_bps))
