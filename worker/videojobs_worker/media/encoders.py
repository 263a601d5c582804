"""Encoder arguments: which encoder makes a codec, at which speed, and what a container adds.

Speeds are those at which a codec's time and size balance for bulk work: x264 ``veryfast`` is three times as fast
as its default for some percent of size; users who want less size give ``crf`` or ``bitrate``.
"""

from __future__ import annotations

from typing import Final

from videojobs_protocol.work import AudioCodec, Container, MediaOutput, VideoCodec
from videojobs_worker.errors import JobError

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
_DEFAULT_CRF: Final[dict[VideoCodec, int]] = {"h264": 23, "h265": 26, "vp9": 32, "av1": 35}
_MUXER: Final[dict[Container, str]] = {"mp4": "mp4", "webm": "webm", "mkv": "matroska"}
_AUDIO: Final[dict[AudioCodec, tuple[str, str]]] = {
    "aac": ("aac", "128k"),
    "opus": ("libopus", "96k"),
}
#: ffprobe's names for what we call codecs.
PROBE_NAMES: Final[dict[VideoCodec, str]] = {"h264": "h264", "h265": "hevc", "vp9": "vp9", "av1": "av1"}
_WEBM_CODECS: Final = ("vp9", "av1", "copy")


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
    start = ("-movflags", "+faststart") if container == "mp4" else ()
    return (*start, "-f", _MUXER[container])


def video_arguments(output: MediaOutput, container: Container, threads: int, *, nvenc: bool) -> tuple[str, ...]:
    """Encoder, quality and tag of the picture."""
    video = output.video
    if video.codec == "copy":
        return ("-c:v", "copy")
    on_gpu = nvenc and video.codec in _NVENC
    encoder, *options = (_NVENC if on_gpu else _CPU)[video.codec]
    tag = ("-tag:v", "hvc1") if video.codec == "h265" and container == "mp4" else ()
    pool = () if on_gpu else _pool(encoder, threads)
    return ("-c:v", encoder, *options, *_quality(output, on_gpu), *pool, "-pix_fmt", "yuv420p", *tag)


def copied_video_arguments(codec: VideoCodec, container: Container) -> tuple[str, ...]:
    """A picture stream taken as it is, under the tag that players of the container know."""
    return ("-c:v", "copy", "-tag:v", "hvc1") if codec == "h265" and container == "mp4" else ("-c:v", "copy")


def _pool(encoder: str, threads: int) -> tuple[str, ...]:
    """How many threads; x265 and SVT-AV1 count the host's processors unless their own option says otherwise."""
    count = ("-threads", str(threads))
    if encoder == "libx265":
        return (*count, "-x265-params", f"log-level=error:pools={threads}")
    return (*count, "-svtav1-params", f"lp={threads}") if encoder == "libsvtav1" else count


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


def audio_arguments(output: MediaOutput, container: Container) -> tuple[str, ...]:
    """Encoder and bit rate of the sound."""
    codec = audio_codec(output, container)
    if codec == "none":
        return ("-an",)
    if codec == "copy":
        return ("-c:a", "copy")
    encoder, usual = _AUDIO[codec]
    rate = str(output.audio.bitrate_bps) if output.audio.bitrate_bps else usual
    return ("-c:a", encoder, "-b:a", rate)
