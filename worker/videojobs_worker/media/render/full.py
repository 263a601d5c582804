"""Render in full: every frame is decoded, brought to one shape, joined and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_protocol.work import MediaOutput, Render
from videojobs_worker.errors import JobError
from videojobs_worker.media import containers, encoders, sound
from videojobs_worker.media.colour import tag_arguments
from videojobs_worker.media.plan import (
    COPYING_PACE,
    Expectation,
    Plan,
    Step,
    common_arguments,
)
from videojobs_worker.media.render.parts import parts_of
from videojobs_worker.media.render.scenes import (
    PAINTED,
    Cut,
    SceneGraph,
    Shape,
    aligned,
    cuts_of,
    graph_of,
    shape_of,
    total_s,
)
from videojobs_worker.media.render.subtitles import NO_SUBTITLES, SubtitleFile
from videojobs_worker.media.source import Source
from videojobs_worker.process.demuxers import OPEN_LIST

_PARTS_LIST: Final = "parts.txt"


def plan_render(
    work: Render,
    sources: Sequence[Source],
    target: Path,
    threads: int,
    *,
    subtitles: SubtitleFile = NO_SUBTITLES,
    nvenc: bool = False,
) -> Plan:
    """The runs that make ``target``; ``sources`` are in the order of the scenes.

    Args:
        subtitles: those that the render asks for.

    Raises:
        JobError: SceneOutOfRange, NoVideoStream, TransitionTooLong, InvalidOutput.
    """
    asked = cuts_of(work, sources)
    shape = shape_of(work.output, asked)
    cuts = aligned(asked, shape.fps)
    duration_s = total_s(cuts, graph_of(work, shape).overlap_s)
    planner = _Planner(work, shape, threads, nvenc, subtitles.until(duration_s))
    parts = parts_of(cuts, planner.graph)
    whole = len(parts) == 1
    runs = (planner.whole(cuts, target),) if whole else planner.parts(parts, duration_s, target)
    steps = (*planner.subtitles.painting(threads), *runs)
    expected = expectation_of(work.output, shape, target, duration_s)
    lists = {} if whole else {_PARTS_LIST: _parts_list(len(parts))}
    return Plan(steps, (expected,), {**lists, **planner.subtitles.scratch_files})


def expectation_of(
    output: MediaOutput, shape: Shape, target: Path, duration_s: float, frames: int | None = None
) -> Expectation:
    """What a render's output must be.

    Raises:
        JobError: InvalidOutput, where the codec is ``copy``.
    """
    codec = output.video.codec
    if codec == "copy":
        text = f"{output.uri}: a render encodes where it must: choose h264, h265, vp9 or av1 instead of copy"
        raise JobError("InvalidOutput", text)
    codecs = (encoders.PROBE_NAMES[codec],)
    return Expectation(target, duration_s, codecs, shape.sound, shape.width, shape.height, frames)


class _Planner:
    """What all runs of one render share."""

    def __init__(self, work: Render, shape: Shape, threads: int, nvenc: bool, subtitles: SubtitleFile) -> None:
        self.output, self.shape, self.threads, self.nvenc = work.output, shape, threads, nvenc
        self.container = containers.video_container_of(work.output)
        self.graph: SceneGraph = graph_of(work, shape)
        self.subtitles = subtitles

    def whole(self, cuts: Sequence[Cut], target: Path) -> Step:
        """All scenes in one run."""
        opened = self.graph.opened(cuts)
        arguments = (
            *common_arguments(self.threads), *self.graph.inputs(opened, self.threads), *self.subtitles.soft_input(),
            "-filter_complex", self.graph.text(cuts, burn=self.subtitles.burn), *self._maps(),
            "-map_metadata", "-1", "-map_chapters", "-1",  # else those of the first source
            *self.subtitles.soft_map(len(opened), self.container),
            *encoders.video_arguments(self.output, self.container, self.threads, nvenc=self.nvenc),
            *tag_arguments(self.shape.colour),
            *self._sound_arguments(), *containers.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        duration = total_s(cuts, self.graph.overlap_s)
        return Step(
            arguments, duration, least_frames=self._least_frames(cuts, duration),
            sources=_sources_of(cuts), reads=self.subtitles.files,
        )  # fmt: skip

    def parts(self, parts: Sequence[Sequence[Cut]], duration_s: float, target: Path) -> tuple[Step, ...]:
        """A run for each, then one that joins them: the sound is encoded once, so it has no gaps."""
        steps = [self._part(cuts, _part_name(number)) for number, cuts in enumerate(parts)]
        return (*steps, self._join(len(steps), duration_s, target))

    def _part(self, cuts: Sequence[Cut], part: str) -> Step:
        output = MediaOutput(self.output.uri, "mkv", self.output.video)
        arguments = (
            *common_arguments(self.threads), *self.graph.inputs(self.graph.opened(cuts), self.threads),
            "-filter_complex", self.graph.text(cuts), *self._maps(),
            *encoders.video_arguments(output, "mkv", self.threads, nvenc=self.nvenc), *tag_arguments(self.shape.colour),
            *(("-c:a", "pcm_s16le") if self.shape.sound else ("-an",)), "-f", "matroska", f"file:{part}",
        )  # fmt: skip
        duration = total_s(cuts, self.graph.overlap_s)
        least = self._least_frames(cuts, duration)
        return Step(arguments, duration, least_frames=least, sources=_sources_of(cuts), writes=(part,))

    def _join(self, parts: int, duration_s: float, target: Path) -> Step:
        arguments = (
            *common_arguments(self.threads), *OPEN_LIST,
            "-i", f"file:{_PARTS_LIST}", *self.subtitles.soft_input(),
            "-map", "0:v:0", "-map", "0:a:0?", *self.subtitles.soft_map(1, self.container), *self._joined_video(),
            *self._sound_arguments(), *containers.muxer_arguments(self.container), f"file:{target}",
        )  # fmt: skip
        pace = 1.0 if self.subtitles.burn else COPYING_PACE
        reads = (_PARTS_LIST, *map(_part_name, range(parts)), *self.subtitles.files)
        return Step(arguments, duration_s, "Joining", pace=pace, reads=reads)

    def _joined_video(self) -> tuple[str, ...]:
        if self.subtitles.burn:
            video = encoders.video_arguments(self.output, self.container, self.threads, nvenc=self.nvenc)
            return ("-vf", f"ass={PAINTED}", *video)
        return encoders.copied_video_arguments(encoders.PROBE_NAMES[self.output.video.codec], self.container)

    def _sound_arguments(self) -> tuple[str, ...]:
        if not self.shape.sound:
            return ("-an",)
        return sound.audio_arguments(self.output, self.container, self.shape.channels)

    def _least_frames(self, cuts: Sequence[Cut], duration_s: float) -> int:
        """A frame may be rounded away at each cut and each blend."""
        return int(duration_s * self.shape.fps) - 2 * len(cuts)

    def _maps(self) -> tuple[str, ...]:
        return ("-map", "[v]", *(("-map", "[a]") if self.shape.sound else ()))


def _sources_of(cuts: Sequence[Cut]) -> tuple[Source, ...]:
    return tuple({cut.source.path: cut.source for cut in cuts}.values())


def _part_name(number: int) -> str:
    return f"part-{number:04d}.mkv"


def _parts_list(count: int) -> str:
    return "".join(f"file '{_part_name(number)}'\n" for number in range(count))
