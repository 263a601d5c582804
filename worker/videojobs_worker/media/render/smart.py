"""A render that copies what it can: gaps are encoded, one run each, then everything is joined in one run.

Encoded and copied stretches have different decoder parameters. H.264 carries both in one stream, since the joining
run puts each stretch's parameter sets in front of it, and x264 numbers its own differently from the sources'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from videojobs_protocol.work import Container
from videojobs_worker.media import containers, encoders, sound
from videojobs_worker.media.colour_filters import tag_arguments
from videojobs_worker.media.frame_rate import timescale
from videojobs_worker.media.mp4_index import REWRITTEN, in_front
from videojobs_worker.media.plan import (
    COPYING_PACE,
    SOUND_PACE,
    Plan,
    Step,
    common_arguments,
    input_arguments,
)
from videojobs_worker.media.render.composition import Composition
from videojobs_worker.media.render.frame_range import FrameRange
from videojobs_worker.media.render.full import expectation_of
from videojobs_worker.media.render.joining import frames_on_grid, list_input, on_grid
from videojobs_worker.media.render.output_metadata import OutputMetadata
from videojobs_worker.media.render.scene_graph import SceneGraph
from videojobs_worker.media.render.shape import Shape
from videojobs_worker.media.render.sound_index import SAMPLES_A_PACKET, Packets
from videojobs_worker.media.render.subtitles import NO_SUBTITLES, SubtitleFile
from videojobs_worker.media.render.timeline import Copied, Encoded, Piece, Shot, Timeline
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.process.demuxers import OPEN_MEDIA, TRUST_HEADER

#: Better than the default quality: next to copied frames one would see less.
_CRF: Final = "18"
#: The sources' parameter sets are number 0.
_PARAMETER_SET: Final = "sps-id=1"
#: Every source of a run is an open file.
SOUNDS_A_RUN: Final = 24
#: Of sound that is encoded: the most, which is Opus.
SOUND_PACKETS_A_SECOND: Final = 50
#: Two gaps are encoded at once, and one is hardly longer than what x264 looks ahead at.
_GAP_THREADS: Final = 4
_VIDEO_LIST, _SOUND_LIST = "video.ffconcat", "sound.ffconcat"
_SOUND, _JOINED = "sound.mp4", "joined.mp4"


@dataclass(frozen=True)
class SmartRender:
    """What the runs of one render share. ``packets`` is the sound to copy, None where it is encoded."""

    composition: Composition
    timeline: Timeline
    packets: Sequence[Packets] | None
    threads: int

    def plan(self, target: Path) -> Plan:
        """The runs that make ``target``."""
        duration = float(self.timeline.frames / self._fps)
        expected = expectation_of(self.composition, target, self.timeline.frames)
        steps = (*self._sounds(), *self._gaps(), *self._joins(target, duration))
        texts = {_VIDEO_LIST: self._video_list(), **self.composition.scratch_files}
        if self.packets is not None:
            texts[_SOUND_LIST] = self._sound_list(self.packets)
        return Plan(steps, (expected,), texts, self._links())

    @property
    def _fps(self) -> Fraction:
        return self.timeline.fps

    @property
    def _shape(self) -> Shape:
        return self.composition.shape

    @property
    def _container(self) -> Container:
        return containers.video_container_of(self.composition.work.output)

    @property
    def _sources(self) -> Mapping[Path, int]:
        paths = dict.fromkeys(shot.source.path for shot in self.timeline.shots)
        return {path: number for number, path in enumerate(paths)}

    def _links(self) -> dict[str, Path]:
        """Fixed names for the sources: a list of files must not hold what a user wrote."""
        return {_source_name(number): path for path, number in self._sources.items()}

    def _gaps(self) -> list[Step]:
        rows = zip(self.timeline.encoded, self.timeline.encoded_frames, strict=True)
        return [self._gap(number, *row) for number, row in enumerate(rows)]

    def _gap(self, number: int, gap: Encoded, frames: FrameRange) -> Step:
        cuts = [shot.cut(self._fps) for shot in gap.shots]
        layers = self.composition.layers.within(frames)
        graph = SceneGraph(replace(self._shape, sound=False), cuts, layers)
        arguments = (
            *common_arguments(self.threads), *graph.inputs(self.threads),
            "-filter_complex", graph.text(), "-map", "[v]", "-frames:v", str(gap.frames),
            "-c:v", "libx264", "-preset", "veryfast", "-crf", _CRF, "-x264-params", _PARAMETER_SET,
            "-threads", str(min(self.threads, _GAP_THREADS)), "-pix_fmt", "yuv420p", *tag_arguments(self._shape.colour),
            "-video_track_timescale", str(timescale(self._fps)),
            "-f", "mp4", f"file:{_gap_name(number)}",
        )  # fmt: skip
        return Step(
            arguments, float(gap.frames / self._fps), least_frames=gap.frames,
            sources=graph.sources, reads=graph.files, writes=(_gap_name(number),),
            weight=1,
        )  # fmt: skip

    def _sounds(self) -> list[Step]:
        """The sound as it will be joined: of each source apart, so that it can be cut at any packet, or encoded."""
        if not self._shape.sound:
            return []
        if self.packets is None:
            return [self._encoded_sound()]
        paths = {each.path for each in self.packets}
        sources = [source for source in _sources_of(self.timeline.shots) if source.path in paths]
        return [self._sounds_of(sources[at : at + SOUNDS_A_RUN]) for at in range(0, len(sources), SOUNDS_A_RUN)]

    def _sounds_of(self, sources: Sequence[Source]) -> Step:
        numbers = [self._sources[source.path] for source in sources]
        arguments = [*common_arguments(1)]
        for number in numbers:
            arguments += input_arguments(Path(_source_name(number)), 1, *TRUST_HEADER)
        for at, (source, number) in enumerate(zip(sources, numbers, strict=True)):
            index = source.info.audio.index if source.info.audio else 0
            arguments += ["-map", f"{at}:{index}", "-c:a", "copy", "-f", "mp4", f"file:{_sound_name(number)}"]
        writes = tuple(map(_sound_name, numbers))
        return Step(tuple(arguments), 0.0, frames=1, pace=COPYING_PACE, sources=tuple(sources), writes=writes, weight=1)

    def _encoded_sound(self) -> Step:
        rows = zip(self.composition.cuts, self.timeline.shots, strict=True)
        cuts = [replace(cut, duration_s=float(shot.frames / self._fps)) for cut, shot in rows]
        graph = SceneGraph(self._shape, cuts, bed=self.composition.bed, gain=self.composition.gain)
        arguments = (
            *common_arguments(1), *graph.sound_inputs(), "-filter_complex", graph.sound_text(), "-map", "[a]",
            *sound.audio_arguments(self.composition.work.output, self._container, self._shape.channels),
            "-f", "mp4", f"file:{_SOUND}",
        )  # fmt: skip
        return Step(
            arguments, float(self.timeline.frames / self._fps), pace=SOUND_PACE,
            sources=graph.sources, writes=(_SOUND,), weight=1,
        )  # fmt: skip

    def _joins(self, target: Path, duration_s: float) -> tuple[Step, ...]:
        """One run; another container gets what was joined in an mp4, the only one with ticks to count in."""
        subtitles, metadata = self.composition.subtitles, self.composition.metadata
        if self._container == "mp4":
            inputs = 1 + self._shape.sound
            muxer = (*metadata.maps(inputs + subtitles.soft), *self._index_in_front(duration_s), "-f", "mp4")
            return (self._join((*muxer, f"file:{target}"), subtitles, metadata),)
        joined = self._join(("-f", "mp4", f"file:{_JOINED}"), NO_SUBTITLES, OutputMetadata(), writes=(_JOINED,))
        arguments = (
            *common_arguments(self.threads), *OPEN_MEDIA, "-i", f"file:{_JOINED}", *subtitles.soft_input(),
            *metadata.inputs(), "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy",
            *subtitles.soft_map(1, self._container), *metadata.maps(1 + subtitles.soft),
            *containers.muxer_arguments(self._container), f"file:{target}",
        )  # fmt: skip
        frames = self.timeline.frames
        reads = (_JOINED, *subtitles.files, *metadata.files)
        return joined, Step(arguments, duration_s, "Joining", exact_frames=frames, pace=COPYING_PACE, reads=reads)

    def _join(
        self, output: tuple[str, ...], subtitles: SubtitleFile, metadata: OutputMetadata, writes: tuple[str, ...] = ()
    ) -> Step:
        codec = encoders.PROBE_NAMES[self.composition.work.output.video.codec]
        arguments = (
            *common_arguments(self.threads), *self._picture_input(), *self._sound_input(),
            *subtitles.soft_input(), *metadata.inputs(), "-map", "0:v:0", *self._sound_map(),
            *subtitles.soft_map(1 + self._shape.sound, "mp4"),
            *encoders.copied_video_arguments(codec, "mp4"), *frames_on_grid(self._fps, "mp4"), *output,
        )  # fmt: skip
        return Step(
            arguments, float(self.timeline.frames / self._fps), "Joining", exact_frames=self.timeline.frames,
            pace=COPYING_PACE, sources=_sources_of(self.timeline.shots),
            reads=(*self._joined_files(), *subtitles.files, *metadata.files), writes=writes,
        )  # fmt: skip

    def _joined_files(self) -> tuple[str, ...]:
        gaps = map(_gap_name, range(len(self.timeline.encoded)))
        if not self._shape.sound:
            sounds: tuple[str, ...] = ()
        elif self.packets is None:
            sounds = (_SOUND,)
        else:
            paths = dict.fromkeys(each.path for each in self.packets)
            sounds = (_SOUND_LIST, *(_sound_name(self._sources[path]) for path in paths))
        return (_VIDEO_LIST, *gaps, *sounds)

    def _picture_input(self) -> tuple[str, ...]:
        """Parameter sets that are all the same stay in the file's header."""
        shots = self.timeline.shots
        alike = not self.timeline.encoded and len({video_of(shot.source).extradata for shot in shots}) == 1
        return (*(("-auto_convert", "0") if alike else ()), *list_input(_VIDEO_LIST))

    def _index_in_front(self, duration_s: float) -> tuple[str, ...]:
        """Of subtitles and chapters nobody has counted the packets."""
        if self.composition.subtitles.soft or self.composition.metadata.chapters:
            return REWRITTEN
        sounds = SOUND_PACKETS_A_SECOND * math.ceil(duration_s) if self._shape.sound else 0
        if self.packets is not None:
            sounds = sum(each.slots for each in self.packets)
        return in_front(self.timeline.frames + sounds, sum(map(_copied_bytes, self.timeline.pieces)))

    def _sound_input(self) -> tuple[str, ...]:
        if not self._shape.sound:
            return ()
        return (*OPEN_MEDIA, "-i", f"file:{_SOUND}") if self.packets is None else list_input(_SOUND_LIST)

    def _sound_map(self) -> tuple[str, ...]:
        if not self._shape.sound:
            return ("-an",)
        timed = () if self.packets is None else ("-bsf:a", on_grid(SAMPLES_A_PACKET))
        return ("-map", "1:a:0", "-c:a", "copy", *timed)

    def _video_list(self) -> str:
        lines, gaps = ["ffconcat version 1.0"], 0
        for piece in self.timeline.pieces:
            if isinstance(piece, Encoded):
                lines.append(f"file '{_gap_name(gaps)}'")
                gaps += 1
            else:
                lines += [f"file '{_source_name(self._sources[piece.source.path])}'", *_bounds(piece, self._fps)]
            lines.append(f"duration {float(piece.frames / self._fps):.6f}")
        return "\n".join(lines) + "\n"

    def _sound_list(self, packets: Sequence[Packets]) -> str:
        lines = ["ffconcat version 1.0"]
        for each in packets:
            begin = each.index.first_s + each.first * each.index.packet_s + _early_s(each)
            end = begin + (each.count - 0.5) * each.index.packet_s
            lines += [f"file '{_sound_name(self._sources[each.path])}'", f"inpoint {begin:.6f}", f"outpoint {end:.6f}"]
            lines.append(f"duration {each.slots * each.index.packet_s:.6f}")
        return "\n".join(lines) + "\n"


def _copied_bytes(piece: Piece) -> float:
    """About, and of what is encoded none."""
    if isinstance(piece, Encoded):
        return 0.0
    info = piece.source.info
    return piece.frames / max(piece.frames, video_of(piece.source).times.packets or 1) * info.bytes


def _bounds(piece: Copied, fps: Fraction) -> list[str]:
    """Where a copied stretch begins and ends; ffmpeg compares ends with decoding times, and excludes them.

    It seeks by decoding times too, from which it guesses when frames are shown: times that come from Matroska's
    milliseconds are off by up to one, and a seek that is early ends at the keyframe before.
    """
    quarter_s = 0.25 / float(fps)
    begin = [f"inpoint {piece.begin.pts_s + quarter_s:.6f}"]
    return begin if piece.end is None else [*begin, f"outpoint {piece.end.dts_s - quarter_s:.6f}"]


def _early_s(packets: Packets) -> float:
    """A seek gives the packet that holds its time, so that it goes a quarter packet behind the wanted one's start."""
    return packets.index.packet_s / 4


def _sources_of(shots: Sequence[Shot]) -> tuple[Source, ...]:
    return tuple({shot.source.path: shot.source for shot in shots}.values())


def _gap_name(number: int) -> str:
    return f"gap-{number:04d}.mp4"


def _source_name(number: int) -> str:
    return f"source-{number:04d}"


def _sound_name(number: int) -> str:
    return f"sound-{number:04d}.mp4"
