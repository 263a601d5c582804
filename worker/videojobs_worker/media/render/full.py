"""Render in full: every frame is decoded, brought to one shape, joined and encoded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from videojobs_protocol.work import Container
from videojobs_worker.errors import JobError
from videojobs_worker.media import containers, encoders, sound
from videojobs_worker.media.colour_filters import tag_arguments
from videojobs_worker.media.encoders import Pass, encoder_threads
from videojobs_worker.media.frame_rate import timescale
from videojobs_worker.media.plan import (
    COPYING_PACE,
    MEASURING,
    MEASURING_PACE,
    Expectation,
    Plan,
    Step,
    common_arguments,
)
from videojobs_worker.media.render.composition import Composition
from videojobs_worker.media.render.cuts import Cut, total_s
from videojobs_worker.media.render.frame_range import FrameRange
from videojobs_worker.media.render.joining import frames_on_grid, list_input, list_of, sound_file
from videojobs_worker.media.render.music import mixed_chains
from videojobs_worker.media.render.parts import parts_of
from videojobs_worker.media.render.run_size import scenes_a_run
from videojobs_worker.media.render.scene_graph import SceneGraph

_PICTURES: Final = "parts.ffconcat"
_SOUNDS: Final = "parts-sound.ffconcat"


def plan_render(composition: Composition, target: Path, threads: int, *, nvenc: bool = False) -> Plan:
    """The runs that make ``target``.

    Raises:
        JobError: InvalidOutput.
    """
    expected = expectation_of(composition, target, composition.frames)
    planner = _Planner(composition, threads, nvenc)
    most = scenes_a_run(composition.cuts, encoder_threads(composition.work.output.video.codec, threads))
    parts = _numbered(parts_of(composition.cuts, composition.shape.rate, most), composition)
    steps = planner.whole(target) if len(parts) == 1 else planner.parts(parts, target)
    painting = composition.subtitles.painting(threads)
    return Plan((*painting, *steps), (expected,), {**composition.scratch_files, **planner.lists(parts)})


def expectation_of(composition: Composition, target: Path, frames: int) -> Expectation:
    """What a render's output of so many frames must be.

    Raises:
        JobError: InvalidOutput, where the codec is ``copy``.
    """
    output, shape = composition.work.output, composition.shape
    codec = output.video.codec
    if codec == "copy":
        text = f"{output.uri}: a render encodes where it must: choose h264, h265, vp9 or av1 instead of copy"
        raise JobError("InvalidOutput", text)
    codecs = (encoders.PROBE_NAMES[codec],)
    duration_s = float(frames / shape.rate)
    return Expectation(target, duration_s, codecs, shape.sound, shape.width, shape.height, frames)


@dataclass(frozen=True)
class _Part:
    """Scenes that are encoded in one run, and which frames of the render they are."""

    number: int
    cuts: Sequence[Cut]
    frames: FrameRange

    @property
    def picture(self) -> str:
        """Name of its picture in the scratch folder."""
        return f"part-{self.number:04d}.mp4"

    @property
    def sound(self) -> str:
        """Name of its sound in the scratch folder."""
        return f"part-{self.number:04d}.w64"


def _numbered(parts: Sequence[Sequence[Cut]], composition: Composition) -> list[_Part]:
    numbered, first = [], 0
    for number, cuts in enumerate(parts):
        end = first + round(total_s(cuts) * composition.shape.rate)
        numbered.append(_Part(number, cuts, FrameRange(first, end)))
        first = end
    return numbered


class _Planner:
    """What all runs of one render share."""

    def __init__(self, composition: Composition, threads: int, nvenc: bool) -> None:
        self.composition, self.threads, self.nvenc = composition, threads, nvenc
        self.output, self.shape = composition.work.output, composition.shape
        self.container: Container = containers.video_container_of(self.output)
        self.subtitles, self.metadata = composition.subtitles, composition.metadata

    def whole(self, target: Path) -> tuple[Step, ...]:
        """All scenes in one run, or two where a bit rate is met by two passes."""
        composition = self.composition
        graph = self._graph(composition.cuts, FrameRange(0, composition.frames), whole=True)
        inputs = graph.input_count
        passing = self._pass(2, 0)
        arguments = (
            *common_arguments(self.threads), *graph.inputs(self.threads), *self.subtitles.soft_input(),
            *self.metadata.inputs(), "-filter_complex", graph.text(), "-map", "[v]", *self._sound_map("[a]"),
            *self.subtitles.soft_map(inputs, self.container), *self.metadata.maps(inputs + self.subtitles.soft),
            *self._encoder(self.container, passing), *self._sound_encoder(),
            *containers.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        reads = (*self.subtitles.files, *self.metadata.files, *composition.layers.files, *_statistics(passing))
        step = Step(
            arguments, composition.duration_s, least_frames=composition.frames,
            sources=graph.sources, reads=reads,
        )  # fmt: skip
        return (*self._measuring(graph, 0, composition.duration_s), step)

    def parts(self, parts: Sequence[_Part], target: Path) -> tuple[Step, ...]:
        """Runs for each, then one that joins them: the sound is encoded once, so it has no gaps."""
        return (*(step for part in parts for step in self._part(part)), self._join(parts, target))

    def lists(self, parts: Sequence[_Part]) -> dict[str, str]:
        """The parts in order, for the run that joins them."""
        if len(parts) == 1:
            return {}
        lengths = [float(part.frames.frames / self.shape.rate) for part in parts]
        pictures = list_of(zip((part.picture for part in parts), lengths, strict=True))
        sounds = list_of(zip((part.sound for part in parts), lengths, strict=True))
        return {_PICTURES: pictures, **({_SOUNDS: sounds} if self.shape.sound else {})}

    def _part(self, part: _Part) -> tuple[Step, ...]:
        graph = self._graph(part.cuts, part.frames)
        passing = self._pass(2, part.number)
        heard = sound_file("[a]", part.sound) if self.shape.sound else ()
        arguments = (
            *common_arguments(self.threads), *graph.inputs(self.threads), "-filter_complex", graph.text(),
            "-map", "[v]", *self._encoder("mp4", passing), "-video_track_timescale", str(timescale(self.shape.rate)),
            "-f", "mp4", f"file:{part.picture}", *heard,
        )  # fmt: skip
        duration_s = float(part.frames.frames / self.shape.rate)
        step = Step(
            arguments, duration_s, least_frames=part.frames.frames, sources=graph.sources,
            reads=(*graph.files, *_statistics(passing)),
            writes=(part.picture, *((part.sound,) if self.shape.sound else ())),
        )  # fmt: skip
        return (*self._measuring(graph, part.number, duration_s), step)

    def _measuring(self, graph: SceneGraph, number: int, duration_s: float) -> tuple[Step, ...]:
        """The first of two passes, where there are two: the same pictures, thrown away."""
        passing = self._pass(1, number)
        if passing is None:
            return ()
        silent = replace(graph, shape=replace(self.shape, sound=False), bed=None)
        arguments = (
            *common_arguments(self.threads), *silent.inputs(self.threads), "-filter_complex", silent.text(),
            "-map", "[v]", *self._encoder(self.container, passing), "-f", "null", "-",
        )  # fmt: skip
        return (
            Step(
                arguments, duration_s, MEASURING, pace=MEASURING_PACE,
                sources=graph.sources, reads=graph.files, writes=_statistics(passing),
            ),
        )  # fmt: skip

    def _join(self, parts: Sequence[_Part], target: Path) -> Step:
        bed, gain = (self.composition.bed, self.composition.gain) if self.shape.sound else (None, "")
        chains = mixed_chains(bed, gain, 2, "[1:a:0]", "[a]", self.shape.channels) if bed or gain else []
        heard, mixed = "[a]" if chains else "1:a:0", ";".join(chains)
        inputs = 1 + self.shape.sound + (bed is not None)
        arguments = (
            *common_arguments(self.threads), *list_input(_PICTURES), *(list_input(_SOUNDS) if self.shape.sound else ()),
            *(bed.inputs() if bed else ()), *self.subtitles.soft_input(), *self.metadata.inputs(),
            *(("-filter_complex", mixed) if mixed else ()), "-map", "0:v:0", *self._sound_map(heard),
            *self.subtitles.soft_map(inputs, self.container), *self.metadata.maps(inputs + self.subtitles.soft),
            *encoders.copied_video_arguments(encoders.PROBE_NAMES[self.output.video.codec], self.container),
            *frames_on_grid(self.shape.rate, self.container), *self._sound_encoder(),
            *containers.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        soft = self.subtitles.files if self.subtitles.soft else ()
        lists = self.lists(parts)
        made = [
            name for part in parts for name in ((part.picture, part.sound) if self.shape.sound else (part.picture,))
        ]
        return Step(
            arguments, self.composition.duration_s, "Joining", exact_frames=self.composition.frames,
            pace=COPYING_PACE, sources=(bed.source,) if bed else (), reads=(*lists, *made, *soft, *self.metadata.files),
        )  # fmt: skip

    def _graph(self, cuts: Sequence[Cut], frames: FrameRange, *, whole: bool = False) -> SceneGraph:
        from_s = float(frames.first / self.shape.rate) if self.subtitles.burn else None
        layers = self.composition.layers.within(frames)
        bed, gain = (self.composition.bed, self.composition.gain) if whole else (None, "")
        return SceneGraph(self.shape, cuts, layers, from_s, bed, gain)

    def _pass(self, number: Literal[1, 2], part: int) -> Pass | None:
        twice = encoders.passes_twice(self.output, nvenc=self.nvenc)
        return Pass(number, f"statistics-{part}") if twice else None

    def _encoder(self, container: Container, passing: Pass | None) -> tuple[str, ...]:
        video = encoders.video_arguments(
            self.output, container, self.threads, nvenc=self.nvenc, passing=passing, hdr=self.shape.hdr_metadata
        )
        return (*video, *tag_arguments(self.shape.colour))

    def _sound_map(self, label: str) -> tuple[str, ...]:
        return ("-map", label) if self.shape.sound else ("-an",)

    def _sound_encoder(self) -> tuple[str, ...]:
        if not self.shape.sound:
            return ()
        return sound.audio_arguments(self.output, self.container, self.shape.channels)


def _statistics(passing: Pass | None) -> tuple[str, ...]:
    return (passing.statistics,) if passing else ()
