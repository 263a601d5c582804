"""Transcode: one decode, one or more outputs, in a single ffmpeg run. Pure.

Outputs with an average bit rate have a run before it that measures, also with one decode for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from videojobs_worker.media import encoders
from videojobs_worker.media.colour_filters import tag_arguments
from videojobs_worker.media.containers import muxer_arguments
from videojobs_worker.media.encoders import Pass
from videojobs_worker.media.picture import is_constant, target_size
from videojobs_worker.media.picture_chain import transcode_chain, transcode_format
from videojobs_worker.media.plan import (
    MEASURING,
    MEASURING_PACE,
    Expectation,
    Plan,
    Step,
    common_arguments,
    input_arguments,
)
from videojobs_worker.media.sound import audio_arguments, audio_codec, encoded_channels, filter_input
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.media.stream_times import StreamTimes
from videojobs_worker.media.transcode.frame_timing import timing_arguments, timing_filters
from videojobs_worker.media.transcode.output_plans import OutputPlan, SoundPlan, made_codec, sound_filters
from videojobs_worker.process.ffmpeg_build import FfmpegBuild


def plan_transcode(
    plans: Sequence[OutputPlan],
    source: Source,
    targets: Sequence[Path],
    threads: int,
    *,
    ffmpeg: FfmpegBuild,
    nvenc: bool = False,
) -> Plan:
    """The runs that make every output at ``targets``, in the same order."""
    runs = _Runs(source, threads, ffmpeg, nvenc)
    return Plan(
        (*runs.measuring(plans), runs.making(plans, targets)),
        tuple(runs.expectation(*each) for each in zip(plans, targets, strict=True)),
    )


@dataclass(frozen=True)
class _Runs:
    """What all runs of one transcode share."""

    source: Source
    threads: int
    ffmpeg: FfmpegBuild
    nvenc: bool

    def measuring(self, plans: Sequence[OutputPlan]) -> tuple[Step, ...]:
        """The first of two passes, where there are two.

        ffmpeg numbers statistics by the streams of all outputs, so that this run has as many as the next one.
        """
        if not any(map(self._twice, plans)):
            return ()
        arguments = self._input()
        for number, plan in enumerate(plans):
            picture = self._picture(plan, self._pass(number, plan, 1)) if self._twice(plan) else ("-c:v", "copy")
            arguments += [*_maps(plan, self.source), *picture, "-c:a", "copy", "-c:s", "copy", "-f", "null", "-"]
        return (
            Step(
                tuple(arguments), self._duration_s, MEASURING, pace=MEASURING_PACE,
                sources=(self.source,), writes=self._statistics(plans),
            ),
        )  # fmt: skip

    def making(self, plans: Sequence[OutputPlan], targets: Sequence[Path]) -> Step:
        """The run that makes the outputs."""
        arguments = self._input()
        for number, plan in enumerate(plans):
            arguments += _joining(plan, number)
        for number, (plan, target) in enumerate(zip(plans, targets, strict=True)):
            arguments += [
                *_maps(plan, self.source, number), "-map_metadata", "0", "-map_chapters", "0", *self._chapters(plan),
                *self._picture(plan, self._pass(number, plan, 2)), *_sounds(plan), *_subtitles(plan),
                *muxer_arguments(plan.container), f"file:{target}",
            ]  # fmt: skip
        return Step(tuple(arguments), self._duration_s, sources=(self.source,), reads=self._statistics(plans))

    def _statistics(self, plans: Sequence[OutputPlan]) -> tuple[str, ...]:
        passes = (self._pass(number, plan, 1) for number, plan in enumerate(plans))
        return tuple(each.statistics for each in passes if each)

    def expectation(self, plan: OutputPlan, target: Path) -> Expectation:
        """What an output must be."""
        expected = Expectation(
            target, self._lasts_s(plan), audio=bool(plan.sounds), picture=plan.picture is not None,
            audio_codecs=tuple(made_codec(plan, each) for each in plan.sounds), subtitles=len(plan.subtitles),
        )  # fmt: skip
        if plan.picture is None:
            return expected
        video = video_of(self.source)
        expected = replace(expected, uneven=not is_constant(video) or not self.source.info.seekable)
        if plan.output.video.codec == "copy":
            return replace(expected, video_codecs=(video.codec,), copied=True)
        width, height = target_size(video, plan.output.video.width, plan.output.video.height)
        codecs = (encoders.PROBE_NAMES[plan.output.video.codec],)
        return replace(expected, video_codecs=codecs, width=width, height=height)

    def _lasts_s(self, plan: OutputPlan) -> float | None:
        """How long its streams are: others, such as subtitles, may make the source longer."""
        times, end_s = self._times(plan), self._end_s(plan)
        return self.source.info.duration_s if end_s is None else end_s - min(each.first_pts_s for each in times)

    def _end_s(self, plan: OutputPlan) -> float | None:
        """When the last of its streams ends, on the source's clock; None where nothing says so."""
        ends = [each.end_pts_s for each in self._times(plan)]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def _times(self, plan: OutputPlan) -> list[StreamTimes]:
        times = [each.stream.times for each in plan.sounds]
        return times if plan.picture is None else [*times, video_of(self.source).times]

    def _chapters(self, plan: OutputPlan) -> tuple[str, ...]:
        """Chapters that go on behind the film end with it: ffmpeg cuts them to the output's length."""
        end_s, chapters_end_s = self._end_s(plan), self.source.info.chapters_end_s
        if end_s is None or chapters_end_s is None or chapters_end_s <= end_s:
            return ()
        return ("-t", f"{end_s - self.source.info.start_s:.6f}")

    @property
    def _duration_s(self) -> float:
        return self.source.info.duration_s or 0.0

    def _input(self) -> list[str]:
        return [*common_arguments(self.threads), *input_arguments(self.source.path, self.threads)]

    def _twice(self, plan: OutputPlan) -> bool:
        return plan.encodes_picture and encoders.passes_twice(plan.output, nvenc=self.nvenc)

    def _pass(self, output: int, plan: OutputPlan, number: Literal[1, 2]) -> Pass | None:
        return Pass(number, f"statistics-{output}") if self._twice(plan) else None

    def _picture(self, plan: OutputPlan, passing: Pass | None) -> tuple[str, ...]:
        if plan.picture is None:
            return ("-vn",)
        video = video_of(self.source)
        if not plan.encodes_picture:
            return encoders.copied_video_arguments(video.codec, plan.container)
        colour = transcode_format(video, plan.output.video).colour
        encoder = encoders.video_arguments(
            plan.output, plan.container, self.threads, nvenc=self.nvenc, passing=passing,
            hdr=video.hdr_metadata if colour.hdr else None,
        )  # fmt: skip
        filters = ",".join([*timing_filters(self.source), *transcode_chain(video, plan.output.video)])
        times = timing_arguments(self.source, plan.output.video, plan.container, self.ffmpeg)
        tags = tag_arguments(colour)
        return ("-vf", filters, *times, *encoder, *tags)


def _maps(plan: OutputPlan, source: Source, output: int | None = None) -> Iterator[str]:
    """The streams of an output, in order; of the output of this number sound may come from a filter graph."""
    if plan.picture is not None:
        yield from ("-map", f"0:{video_of(source).index}")
    for number, each in enumerate(plan.sounds):
        joined = output is not None and each.stream.right is not None
        yield from ("-map", f"[{_label(output, number)}]" if joined else f"0:{each.stream.index}")
    for subtitle in plan.subtitles:
        yield from ("-map", f"0:{subtitle.stream.index}")


def _sounds(plan: OutputPlan) -> Iterator[str]:
    if not plan.sounds:
        yield "-an"
    for number, each in enumerate(plan.sounds):
        yield from _sound(plan, number, each)


def _sound(plan: OutputPlan, number: int, sound: SoundPlan) -> tuple[str, ...]:
    codec = audio_codec(plan.output, plan.container)
    if not sound.differences or codec in ("copy", "none"):
        return (f"-c:a:{number}", "copy")
    channels = encoded_channels(codec, sound.stream)
    encoder = audio_arguments(plan.output, plan.container, channels, number)
    if sound.stream.right is not None:
        return (*encoder, f"-map_metadata:s:a:{number}", f"0:s:{sound.stream.index}")
    return (f"-filter:a:{number}", sound_filters(plan, sound), *encoder)


def _joining(plan: OutputPlan, output: int) -> Iterator[str]:
    """The filter graphs of sounds whose left and right channels are two streams."""
    for number, each in enumerate(plan.sounds):
        if each.stream.right is not None:
            graph = f"{filter_input(0, each.stream)}{sound_filters(plan, each)}[{_label(output, number)}]"
            yield from ("-filter_complex", graph)


def _label(output: int | None, sound: int) -> str:
    return f"sound-{output}-{sound}"


def _subtitles(plan: OutputPlan) -> Iterator[str]:
    for number, each in enumerate(plan.subtitles):
        yield from (f"-c:s:{number}", each.codec)
