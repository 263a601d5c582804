"""Transcode: one decode, one or more outputs, in a single ffmpeg run. Pure.

Outputs with an average bit rate have a run before it that measures, also with one decode for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from videojobs_worker.media import encoders
from videojobs_worker.media.colour import tag_arguments
from videojobs_worker.media.containers import muxer_arguments
from videojobs_worker.media.encoders import Pass
from videojobs_worker.media.picture import is_constant, picture_filters, target_size, transcode_colour
from videojobs_worker.media.plan import Expectation, Plan, Step, common_arguments, input_arguments
from videojobs_worker.media.sound import audio_arguments, audio_codec, encoded_channels, layout_filter
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.media.transcode.frame_timing import timing_arguments, timing_filters
from videojobs_worker.media.transcode.output_plans import OutputPlan, SoundPlan
from videojobs_worker.process.ffmpeg_build import FfmpegBuild

#: How many times as fast as the second pass the first is, about.
_MEASURING_PACE: Final = 2.0


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
                tuple(arguments), self._duration_s, "Measuring", pace=_MEASURING_PACE,
                sources=(self.source,), writes=self._statistics(plans),
            ),
        )  # fmt: skip

    def making(self, plans: Sequence[OutputPlan], targets: Sequence[Path]) -> Step:
        """The run that makes the outputs."""
        arguments = self._input()
        for number, (plan, target) in enumerate(zip(plans, targets, strict=True)):
            arguments += [
                *_maps(plan, self.source), "-map_metadata", "0", "-map_chapters", "0",
                *self._picture(plan, self._pass(number, plan, 2)), *_sounds(plan), *_subtitles(plan),
                *muxer_arguments(plan.container), f"file:{target}",
            ]  # fmt: skip
        return Step(tuple(arguments), self._duration_s, sources=(self.source,), reads=self._statistics(plans))

    def _statistics(self, plans: Sequence[OutputPlan]) -> tuple[str, ...]:
        passes = (self._pass(number, plan, 1) for number, plan in enumerate(plans))
        return tuple(each.statistics for each in passes if each)

    def expectation(self, plan: OutputPlan, target: Path) -> Expectation:
        """What an output must be."""
        lasts_s, sound = self._lasts_s(plan), bool(plan.sounds)
        if plan.picture is None:
            return Expectation(target, lasts_s, audio=True, picture=False)
        video = video_of(self.source)
        uneven = not is_constant(video)
        if plan.output.video.codec == "copy":
            return Expectation(target, lasts_s, (video.codec,), sound, uneven=uneven)
        size = target_size(video, plan.output.video.width, plan.output.video.height)
        codecs = (encoders.PROBE_NAMES[plan.output.video.codec],)
        return Expectation(target, lasts_s, codecs, sound, *size, uneven=uneven)

    def _lasts_s(self, plan: OutputPlan) -> float | None:
        """How long its streams are: others, such as subtitles, may make the source longer."""
        times = [each.stream.times for each in plan.sounds]
        if plan.picture is not None:
            times.append(video_of(self.source).times)
        ends = [each.end_pts_s for each in times if each.end_pts_s is not None]
        if len(ends) < len(times) or not ends:
            return self.source.info.duration_s
        return max(ends) - min(each.first_pts_s for each in times)

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
        encoder = encoders.video_arguments(plan.output, plan.container, self.threads, nvenc=self.nvenc, passing=passing)
        filters = ",".join([*timing_filters(self.source), picture_filters(video, plan.output.video)])
        times = timing_arguments(video, plan.output.video, plan.container, self.ffmpeg)
        tags = tag_arguments(transcode_colour(video, plan.output.video))
        return ("-vf", filters, *times, *encoder, *tags)


def _maps(plan: OutputPlan, source: Source) -> Iterator[str]:
    indexes = [] if plan.picture is None else [video_of(source).index]
    indexes += [each.stream.index for each in plan.sounds]
    indexes += [each.stream.index for each in plan.subtitles]
    for index in indexes:
        yield from ("-map", f"0:{index}")


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
    filters = ",".join(filter(None, (layout_filter(sound.stream, channels), sound.gain)))
    return (f"-filter:a:{number}", filters, *audio_arguments(plan.output, plan.container, channels, number))


def _subtitles(plan: OutputPlan) -> Iterator[str]:
    for number, each in enumerate(plan.subtitles):
        yield from (f"-c:s:{number}", each.codec)
