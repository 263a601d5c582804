"""Transcode: one decode, one or more outputs, in a single ffmpeg run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videojobs_protocol.work import AudioCodec, MediaOutput, Transcode
from videojobs_worker.errors import JobError
from videojobs_worker.media import encoders
from videojobs_worker.media.picture import picture_filters, target_size
from videojobs_worker.media.plan import Expectation, Input, Plan, Step, common_arguments, input_arguments
from videojobs_worker.media.probe import AudioStream, VideoStream


def plan_transcode(
    work: Transcode, source: Input, targets: Sequence[Path], threads: int, *, nvenc: bool = False
) -> Plan:
    """The run that makes every output of ``work`` at ``targets``, in the same order.

    Raises:
        JobError: NoVideoStream, or InvalidOutput.
    """
    video = video_of(source)
    arguments = [*common_arguments(threads), *input_arguments(source.path, threads)]
    expectations = []
    for output, target in zip(work.outputs, targets, strict=True):
        arguments += _output_arguments(output, source, video, target, threads, nvenc=nvenc)
        expectations.append(_expectation(output, source, video, target))
    return Plan((Step(tuple(arguments), source.info.duration_s or 0.0),), tuple(expectations))


def video_of(source: Input) -> VideoStream:
    """The picture stream of a source.

    Raises:
        JobError: NoVideoStream.
    """
    if source.info.video is None:
        raise JobError("NoVideoStream", f"{source.uri} has no picture: give a source with a video stream")
    return source.info.video


def _output_arguments(
    output: MediaOutput, source: Input, video: VideoStream, target: Path, threads: int, *, nvenc: bool
) -> list[str]:
    container = encoders.container_of(output)
    copied = output.video.codec == "copy"
    return [
        "-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "0", "-map_chapters", "0",
        *([] if copied else ["-vf", picture_filters(video, output.video)]),
        *encoders.video_arguments(output, container, threads, nvenc=nvenc),
        *encoders.audio_arguments(output, container),
        *_layout(encoders.audio_codec(output, container), source.info.audio),
        *encoders.muxer_arguments(container), f"file:{target}",
    ]  # fmt: skip


def _layout(codec: AudioCodec, audio: AudioStream | None) -> tuple[str, ...]:
    """libopus refuses the surround layouts that AC-3 and AAC use, such as 5.1(side): name those that it takes."""
    surround = audio is not None and audio.channels > 2
    return ("-af", "aformat=channel_layouts=5.1|7.1|stereo|mono") if codec == "opus" and surround else ()


def _expectation(output: MediaOutput, source: Input, video: VideoStream, target: Path) -> Expectation:
    container = encoders.container_of(output)
    sound = source.info.audio is not None and encoders.audio_codec(output, container) != "none"
    if output.video.codec == "copy":
        return Expectation(target, source.info.duration_s, (video.codec,), sound)
    width, height = target_size(video, output.video.width, output.video.height)
    codecs = (encoders.PROBE_NAMES[output.video.codec],)
    return Expectation(target, source.info.duration_s, codecs, sound, width, height)
