"""Scenes of any size, rate and sound, brought to one shape and joined: the filter graph of a render.

``concat`` and ``xfade`` need equal inputs, so that every scene gets the same size, frame rate, pixel format,
timebase and sound before it is joined. Each scene is an input of its own with a fast seek.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from videojobs_protocol.work import MediaOutput, PixelFormat, Render, Scene
from videojobs_worker.errors import JobError
from videojobs_worker.media.picture import fit_filters, rate, target_size
from videojobs_worker.media.pixels import field_filters, pixel_filters
from videojobs_worker.media.plan import Input, input_arguments
from videojobs_worker.media.transcode import video_of

#: What is painted: libass reads it itself, while ffmpeg would look for playlists in it.
PAINTED: Final = "painted.ass"
#: How long a picture stream may be too short in seconds before its source counts as broken off.
HOLD_S: Final = 0.25


@dataclass(frozen=True)
class Cut:
    """A scene with its source, its length settled. Seconds."""

    source: Input
    start_s: float
    duration_s: float


@dataclass(frozen=True)
class Shape:
    """What every scene is brought to."""

    width: int
    height: int
    fps: float
    sound: bool
    pixel_format: PixelFormat = "yuv420p"


def cuts_of(work: Render, sources: Sequence[Input]) -> list[Cut]:
    """The scenes, each with its source.

    Raises:
        JobError: SceneOutOfRange.
    """
    return [_cut_of(scene, source) for scene, source in zip(work.scenes, sources, strict=True)]


def _cut_of(scene: Scene, source: Input) -> Cut:
    length = source.info.duration_s or 0.0
    end = min(scene.end_s if scene.end_s is not None else length, length)
    if end <= scene.start_s:
        text = f"{source.uri} is {length:.3f} s long: a scene cannot start at {scene.start_s:g} s"
        raise JobError("SceneOutOfRange", text)
    return Cut(source, scene.start_s, end - scene.start_s)


def shape_of(output: MediaOutput, cuts: Sequence[Cut]) -> Shape:
    """What was asked for, and the first scene's where nothing was."""
    first = video_of(cuts[0].source)
    width, height = target_size(first, output.video.width, output.video.height)
    sound = any(cut.source.info.audio for cut in cuts) and output.audio.codec != "none"
    fps = output.video.fps or min(first.fps, 60.0)
    return Shape(width, height, fps, sound, output.video.pixel_format)


def total_s(cuts: Sequence[Cut], overlap_s: float) -> float:
    """Length of the joined scenes in seconds."""
    return sum(cut.duration_s for cut in cuts) - overlap_s * (len(cuts) - 1)


def graph_of(work: Render, shape: Shape) -> SceneGraph:
    """The graph with the transition that a render asks for."""
    fade = work.transition
    return SceneGraph(shape, fade.type, fade.duration_s) if fade else SceneGraph(shape)


@dataclass(frozen=True)
class SceneGraph:
    """How cuts become one picture ``[v]`` and one sound ``[a]``; ``overlap_s`` is how long neighbours blend."""

    shape: Shape
    blend: str = ""
    overlap_s: float = 0.0

    def inputs(self, cuts: Sequence[Cut], threads: int) -> list[str]:
        """An input for each cut."""
        arguments: list[str] = []
        for cut in cuts:
            seek = ("-ss", f"{cut.start_s:.6f}", "-t", f"{cut.duration_s:.6f}")
            arguments += input_arguments(cut.source.path, threads, *seek)
        return arguments

    def text(self, cuts: Sequence[Cut], *, burn: bool = False) -> str:
        """The ``-filter_complex`` of picture and sound.

        Raises:
            JobError: TransitionTooLong.
        """
        numbered = list(enumerate(cuts))
        chains = [self._picture(number, cut) for number, cut in numbered]
        if self.shape.sound:
            chains += [_sound(number, cut, number) for number, cut in numbered]
        if self._blends(cuts):
            chains += [*self._blended_picture(cuts), *(self._blended_sound(cuts) if self.shape.sound else ())]
        else:
            chains.append(_concatenated(len(cuts), picture=True, sound=self.shape.sound))
        return ";".join([*chains, f"[joined]ass={PAINTED}[v]" if burn else "[joined]null[v]"])

    def sound_text(self, cuts: Sequence[Cut], first_input: int = 0) -> str:
        """The ``-filter_complex`` of the sound alone; ``first_input`` is the number of the first cut's input."""
        chains = [_sound(number, cut, number + first_input) for number, cut in enumerate(cuts)]
        joined = self._blended_sound(cuts) if self._blends(cuts) else [_concatenated(len(cuts), sound=True)]
        return ";".join([*chains, *joined])

    def _blends(self, cuts: Sequence[Cut]) -> bool:
        return bool(self.blend) and len(cuts) > 1

    def _picture(self, number: int, cut: Cut) -> str:
        shape, stream = self.shape, video_of(cut.source)
        fit = ",".join([*field_filters(stream), *fit_filters(stream, (shape.width, shape.height))])
        pixels = ",".join(pixel_filters(stream, shape.pixel_format))
        # The last frame is held while the sound goes on, then everything is cut to the same length.
        return (
            f"[{number}:v:0]{fit},fps={rate(shape.fps)},{pixels},"
            f"tpad=stop_mode=clone:stop_duration={_hold_s(cut):.6f},"
            f"trim=duration={cut.duration_s:.6f},setpts=PTS-STARTPTS,settb=AVTB[v{number}]"
        )

    def _blended_picture(self, cuts: Sequence[Cut]) -> list[str]:
        chains, offset, before = [], 0.0, "[v0]"
        for number in range(1, len(cuts)):
            offset += self._before_blend(cuts, number)
            after = "[joined]" if number == len(cuts) - 1 else f"[x{number}]"
            blend = f"xfade=transition={self.blend}:duration={self.overlap_s:.6f}:offset={offset:.6f}"
            chains.append(f"{before}[v{number}]{blend}{after}")
            before = after
        return chains

    def _blended_sound(self, cuts: Sequence[Cut]) -> list[str]:
        chains, before = [], "[a0]"
        for number in range(1, len(cuts)):
            after = "[a]" if number == len(cuts) - 1 else f"[y{number}]"
            chains.append(f"{before}[a{number}]acrossfade=d={self.overlap_s:.6f}{after}")
            before = after
        return chains

    def _before_blend(self, cuts: Sequence[Cut], number: int) -> float:
        shorter = min(cuts[number - 1].duration_s, cuts[number].duration_s)
        if self.overlap_s >= shorter:
            text = (
                f"the transition of {self.overlap_s:g} s is not shorter than a scene of {shorter:g} s: "
                "shorten the transition or lengthen the scene"
            )
            raise JobError("TransitionTooLong", text)
        return cuts[number - 1].duration_s - self.overlap_s


def _sound(number: int, cut: Cut, its_input: int) -> str:
    """A scene's sound; silence of its length where it has none."""
    heard = "anullsrc=r=48000:cl=stereo"
    if cut.source.info.audio:
        heard = f"[{its_input}:a:0]aresample=48000:async=1:first_pts=0"
    return (
        f"{heard},aformat=sample_fmts=fltp:channel_layouts=stereo,apad,"
        f"atrim=duration={cut.duration_s:.6f},asetpts=PTS-STARTPTS[a{number}]"
    )


def _concatenated(count: int, *, picture: bool = False, sound: bool) -> str:
    labels = "".join((f"[v{n}]" if picture else "") + (f"[a{n}]" if sound else "") for n in range(count))
    outputs = ("[joined]" if picture else "") + ("[a]" if sound else "")
    return f"{labels}concat=n={count}:v={int(picture)}:a={int(sound)}{outputs}"


def _hold_s(cut: Cut) -> float:
    """How long the last frame may be held: while the sound goes on, and a little."""
    shown_s = video_of(cut.source).duration_s
    if shown_s is None:
        return 1.0
    return HOLD_S + min(cut.duration_s, max(0.0, cut.start_s + cut.duration_s - shown_s))
