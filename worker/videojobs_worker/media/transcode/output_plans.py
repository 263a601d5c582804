"""Transcode: one decode, one or more outputs, in a single ffmpeg run; streams that fit already are copied.

Outputs with an average bit rate have a run before it that measures, also with one decode for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from videojobs_protocol.work import AudioCodec, Container, MediaOutput, Transcode
from videojobs_worker.media import encoders
from videojobs_worker.media.compatibility import picture_differences, sound_differences
from videojobs_worker.media.encoders import Pass
from videojobs_worker.media.picture import is_constant, picture_filters, target_size
from videojobs_worker.media.plan import (
    Choice,
    Expectation,
    Plan,
    Step,
    common_arguments,
    input_arguments,
)
from videojobs_worker.media.source import AudioStream, Source, VideoStream, video_of
from videojobs_worker.process.ffmpeg_build import FfmpegBuild

#: How many times as fast as the second pass the first is, about.
_MEASURING_PACE: Final = 2.0


@dataclass(frozen=True)
class OutputPlan:
    """How an output comes to its streams. What differs from what was asked is in words, and empty for a copy."""

    output: MediaOutput
    container: Container
    picture: tuple[str, ...]
    sound: tuple[str, ...] | None  # None: it has none

    @property
    def copies_picture(self) -> bool:
        """Whether the picture is taken as it is."""
        return not self.picture

    def encoding(self) -> OutputPlan:
        """The same with everything encoded that was not asked to be copied."""
        again = ("copying did not work out",)
        picture = () if self.output.video.codec == "copy" else self.picture or again
        kept = self.sound is None or self.output.audio.codec == "copy"
        return replace(self, picture=picture, sound=self.sound if kept else self.sound or again)

    def told(self) -> str:
        """For the status."""
        streams = [("picture", self.picture), *([("sound", self.sound)] if self.sound is not None else ())]
        return ", ".join(
            f"{name} encoded ({'; '.join(found)})" if found else f"{name} copied" for name, found in streams
        )


def output_plans(work: Transcode, source: Source) -> list[OutputPlan]:
    """How each output is best made.

    Raises:
        JobError: NoVideoStream, or InvalidOutput.
    """
    return [_way(output, video_of(source), source.info.audio) for output in work.outputs]


def _way(output: MediaOutput, video: VideoStream, audio: AudioStream | None) -> OutputPlan:
    container = encoders.container_of(output)
    encoders.check_copies(output, container, video.codec, audio.codec if audio else None)
    silent = audio is None or encoders.audio_codec(output, container) == "none"
    sound = None if audio is None or silent else tuple(sound_differences(output, container, audio))
    return OutputPlan(output, container, tuple(picture_differences(output, video)), sound)


def choice_of(found: Sequence[OutputPlan]) -> Choice:
    """What is encoded, and why."""
    streams = [stream for way in found for stream in (way.picture, way.sound) if stream is not None]
    several = len(found) > 1
    reason = ". ".join((f"outputs[{number}]: " if several else "") + way.told() for number, way in enumerate(found))
    if not any(streams):
        return Choice("Copy", reason)
    return Choice("Full" if all(streams) else "Smart", reason)


def left_out(source: Source) -> str:
    """What a transcode does not take, in words: it makes the first picture and the first sound."""
    counts = {"sound": source.info.sounds - 1, "subtitle": source.info.subtitles}
    streams = [f"{count} {kind} stream{'s' if count > 1 else ''}" for kind, count in counts.items() if count > 0]
    return f"left out: {' and '.join(streams)} of the source" if streams else ""


def plan_transcode(
    found: Sequence[OutputPlan],
    source: Source,
    targets: Sequence[Path],
    threads: int,
    *,
    ffmpeg: FfmpegBuild,
    nvenc: bool = False,
) -> Plan:
    """The runs that make every output at ``targets``, in the same order.

    Raises:
        JobError: NoVideoStream.
    """
    runs = _Runs(source, video_of(source), threads, ffmpeg, nvenc)
    return Plan(
        (*runs.measuring(found), runs.making(found, targets)),
        tuple(runs.expectation(*each) for each in zip(found, targets, strict=True)),
    )


@dataclass(frozen=True)
class _Runs:
    """What all runs of one transcode share."""

    source: Source
    video: VideoStream
    threads: int
    ffmpeg: FfmpegBuild
    nvenc: bool

    def measuring(self, found: Sequence[OutputPlan]) -> tuple[Step, ...]:
        """The first of two passes, where there are two.

        ffmpeg numbers statistics by the streams of all outputs, so that this run has as many as the next one.
        """
        if not any(map(self._twice, found)):
            return ()
        arguments = self._input()
        for number, way in enumerate(found):
            picture = self._picture(way, self._pass(number, way, 1)) if self._twice(way) else ("-c:v", "copy")
            arguments += [*self._streams(way), *picture, "-c:a", "copy", "-f", "null", "-"]
        return (
            Step(
                tuple(arguments), self._duration_s, "Measuring", pace=_MEASURING_PACE,
                sources=(self.source,), writes=self._statistics(found),
            ),
        )  # fmt: skip

    def making(self, found: Sequence[OutputPlan], targets: Sequence[Path]) -> Step:
        """The run that makes the outputs."""
        arguments = self._input()
        for number, (way, target) in enumerate(zip(found, targets, strict=True)):
            arguments += [
                *self._streams(way), "-map_metadata", "0", "-map_chapters", "0",
                *self._picture(way, self._pass(number, way, 2)), *self._sound(way),
                *encoders.muxer_arguments(way.container), f"file:{target}",
            ]  # fmt: skip
        return Step(tuple(arguments), self._duration_s, sources=(self.source,), reads=self._statistics(found))

    def _statistics(self, found: Sequence[OutputPlan]) -> tuple[str, ...]:
        passes = (self._pass(number, way, 1) for number, way in enumerate(found))
        return tuple(each.statistics for each in passes if each)

    def expectation(self, way: OutputPlan, target: Path) -> Expectation:
        """What an output must be."""
        lasts_s = self._lasts_s(way)
        uneven = not is_constant(self.video)
        if way.output.video.codec == "copy":
            return Expectation(target, lasts_s, (self.video.codec,), way.sound is not None, uneven=uneven)
        size = target_size(self.video, way.output.video.width, way.output.video.height)
        codecs = (encoders.PROBE_NAMES[way.output.video.codec],)
        return Expectation(target, lasts_s, codecs, way.sound is not None, *size, uneven=uneven)

    def _lasts_s(self, way: OutputPlan) -> float | None:
        """How long its streams are: others, such as subtitles, may make the source longer."""
        streams = (self.video, self.source.info.audio if way.sound is not None else None)
        times = [stream.times for stream in streams if stream is not None]
        ends = [each.end_pts_s for each in times if each.end_pts_s is not None]
        if len(ends) < len(times):
            return self.source.info.duration_s
        return max(ends) - min(each.first_pts_s for each in times)

    @property
    def _duration_s(self) -> float:
        return self.source.info.duration_s or 0.0

    def _input(self) -> list[str]:
        return [*common_arguments(self.threads), *input_arguments(self.source.path, self.threads)]

    def _twice(self, way: OutputPlan) -> bool:
        return not way.copies_picture and encoders.passes_twice(way.output, nvenc=self.nvenc)

    def _pass(self, output: int, way: OutputPlan, number: Literal[1, 2]) -> Pass | None:
        return Pass(number, f"statistics-{output}") if self._twice(way) else None

    def _streams(self, way: OutputPlan) -> tuple[str, ...]:
        return ("-map", "0:v:0", *(("-map", "0:a:0") if way.sound is not None else ("-an",)))

    def _picture(self, way: OutputPlan, passing: Pass | None) -> tuple[str, ...]:
        if way.copies_picture:
            return encoders.copied_video_arguments(self.video.codec, way.container)
        encoder = encoders.video_arguments(way.output, way.container, self.threads, nvenc=self.nvenc, passing=passing)
        return ("-vf", picture_filters(self.video, way.output.video), *self._times(way), *encoder)

    def _times(self, way: OutputPlan) -> tuple[str, ...]:
        """Of uneven frames those of the source: ffmpeg's mp4 would even them out, and encoders round them."""
        if way.output.video.fps or is_constant(self.video):
            return ()
        return ("-fps_mode:v", "vfr", "-enc_time_base:v", self.ffmpeg.source_time_base)

    def _sound(self, way: OutputPlan) -> tuple[str, ...]:
        if way.sound is None:
            return ()
        if not way.sound:
            return ("-c:a", "copy")
        layout = _layout(encoders.audio_codec(way.output, way.container), self.source.info.audio)
        return (*encoders.audio_arguments(way.output, way.container), *layout)


def _layout(codec: AudioCodec, audio: AudioStream | None) -> tuple[str, ...]:
    """libopus refuses the surround layouts that AC-3 and AAC use, such as 5.1(side): name those that it takes."""
    surround = audio is not None and audio.channels > 2
    return ("-af", "aformat=channel_layouts=5.1|7.1|stereo|mono") if codec == "opus" and surround else ()
