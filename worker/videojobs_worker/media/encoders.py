"""Arguments of the picture's encoders: which one makes a codec, and at which speed.

Speeds are those at which a codec's time and size balance for bulk work: x264 ``veryfast`` is three times as fast
as its default for some percent of size; users who want less size give ``crf`` or ``bitrate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from videojobs_protocol.work import Container, MediaOutput, VideoCodec
from videojobs_worker.media.hdr_metadata import HdrMetadata

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
#: Each thread of x264 holds a frame with all that was made of it, and more than these gain little up to Full HD.
_X264_THREADS: Final = 8
#: ffprobe's names for what we call codecs.
PROBE_NAMES: Final[dict[VideoCodec, str]] = {"h264": "h264", "h265": "hevc", "vp9": "vp9", "av1": "av1"}


@dataclass(frozen=True)
class Pass:
    """One of two passes over the same pictures; the first writes the statistics that the second reads."""

    number: Literal[1, 2]
    statistics: str  # a file's name in the scratch folder


def encoder_threads(codec: VideoCodec, threads: int) -> int:
    """How many of ``threads`` a codec's encoder is given."""
    return min(threads, _X264_THREADS) if codec == "h264" else threads


def passes_twice(output: MediaOutput, *, nvenc: bool) -> bool:
    """Whether an average bit rate is met by two passes: one of an unknown film guesses, and wastes what it saves."""
    video = output.video
    return video.bitrate_bps is not None and video.codec in _TWO_PASSES and not _on_gpu(output, nvenc)


def video_arguments(
    output: MediaOutput, container: Container, threads: int, *, nvenc: bool, passing: Pass | None = None,
    hdr: HdrMetadata | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Encoder, quality and tag of the picture; ``hdr`` is what an HDR one says."""
    video = output.video
    if video.codec == "copy":
        return ("-c:v", "copy")
    on_gpu = _on_gpu(output, nvenc)
    encoder, *options = (_NVENC if on_gpu else _CPU)[video.codec]
    tag = ("-tag:v", "hvc1") if video.codec == "h265" and container == "mp4" else ()
    pool = () if on_gpu else _pool(encoder, encoder_threads(video.codec, threads), passing, hdr)
    return ("-c:v", encoder, *options, *_quality(output, on_gpu), *pool, "-pix_fmt", video.pixel_format, *tag)


def _on_gpu(output: MediaOutput, nvenc: bool) -> bool:
    return nvenc and output.video.codec in _NVENC and output.video.pixel_format == "yuv420p"


def copied_video_arguments(codec: str, container: Container) -> tuple[str, ...]:
    """A picture stream taken as it is, under the tag that players of the container know. ``codec`` is ffprobe's."""
    return ("-c:v", "copy", "-tag:v", "hvc1") if codec == "hevc" and container == "mp4" else ("-c:v", "copy")


def _pool(encoder: str, threads: int, passing: Pass | None, hdr: HdrMetadata | None) -> tuple[str, ...]:
    """How many threads, which pass, and what HDR says, which ffmpeg hands on to some encoders since version 7.

    x265 and SVT-AV1 have options of their own, and count the host's processors.
    """
    count: tuple[str, ...] = ("-threads", str(threads))
    if encoder == "libx265":
        passes = f":pass={passing.number}:stats={passing.statistics}" if passing else ""
        said = f":{hdr.x265}" if hdr else ""
        return (*count, "-x265-params", f"log-level=error:pools={threads}{passes}{said}")
    if encoder == "libsvtav1":
        return (*count, "-svtav1-params", f"lp={threads}:{hdr.svt_av1}" if hdr else f"lp={threads}")
    if encoder == "libx264" and hdr:
        count = (*count, "-x264-params", hdr.x264)
    return (*count, "-pass", str(passing.number), "-passlogfile", passing.statistics) if passing else count


def _quality(output: MediaOutput, on_gpu: bool) -> tuple[str, ...]:
    video = output.video
    if video.bitrate_bps:
        return ("-b:v", str(video.bitrate_bps))
    crf = str(video.crf if video.crf is not None else _DEFAULT_CRF[video.codec])
    if on_gpu:
        return ("-rc", "vbr", "-cq", crf, "-b:v", "0")
    return ("-crf", crf, "-b:v", "0") if video.codec == "vp9" else ("-crf", crf)
