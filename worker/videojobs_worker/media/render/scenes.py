"""Scenes of any size, rate and sound, brought to one shape and joined: the filter graph of a render.

``concat`` and ``xfade`` need equal inputs, so that every scene gets the same size, frame rate, pixel format,
timebase and sound before it is joined. Each scene is an input of its own with a fast seek.

A scene begins with the frame that is shown at its start (and its sound with that frame, where both have one rate) and
lasts a whole number of the output's frames: wherever cuts are, picture and sound are at most half a frame apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final

from videojobs_protocol.work import Fit, MediaOutput, PixelFormat, Render, Scene
from videojobs_worker.errors import JobError
from videojobs_worker.media.colour import BT709, Colour, is_hdr, output_colour
from videojobs_worker.media.containers import video_container_of
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import fit_filters, target_size
from videojobs_worker.media.pixels import field_filters, pixel_filters
from videojobs_worker.media.plan import input_arguments, seek_arguments
from videojobs_worker.media.sound import ENCODERS, LAYOUTS, audio_codec, encoded_channels, filter_input, layout_filter
from videojobs_worker.media.source import Source, cut_off_error, video_of
from videojobs_worker.media.streams import with_audio

#: What is painted: libass reads it itself, while ffmpeg would look for playlists in it.
PAINTED: Final = "painted.ass"
#: How long a picture stream may be too short in seconds before its source counts as broken off.
HOLD_S: Final = 0.25
#: Sound may be so much alone before and after its picture without being missed: it is made of packets.
ALONE_S: Final = 0.1
#: A time this close before a frame means the frame: people and Matroska write milliseconds.
_SAME_S: Final = 0.0005
#: Arguments have microseconds: a keyframe's time, rounded down, would be a seek to the keyframe before.
_ROUNDED_S: Final = 1e-6


@dataclass(frozen=True)
class Cut:
    """A scene with its source, its length settled. Seconds."""

    source: Source
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
    channels: int = 2
    colour: Colour = BT709
    fit: Fit = "Pad"


def cuts_of(work: Render, sources: Sequence[Source]) -> list[Cut]:
    """The scenes, each with its source.

    Raises:
        JobError: SceneOutOfRange, or SourceTruncated where a scene is cut off.
    """
    return [
        _cut_of(scene, with_audio(source, scene.audio_stream))
        for scene, source in zip(work.scenes, sources, strict=True)
    ]


def ending_early(work: Render, sources: Sequence[Source]) -> str:
    """Which scenes are shorter than was asked for, in words; empty where none is."""
    early = [
        f"scenes[{number}] ends at {length:.3f} s, where {source.uri} does, not at {scene.end_s:g} s"
        for number, (scene, source) in enumerate(zip(work.scenes, sources, strict=True))
        if scene.end_s is not None and scene.end_s > (length := _scene_length_s(source)) + ALONE_S
    ]
    more = f", and {len(early) - 1} more scenes end early" if len(early) > 1 else ""
    return f"{early[0]}{more}" if early else ""


def _scene_length_s(source: Source) -> float:
    """How late a scene may end. Nobody counts an encoder's priming: times are those since the first picture."""
    return _length_s(source) - (delay_s(source) if begins_together(source) else 0.0)


def _cut_of(scene: Scene, source: Source) -> Cut:
    length = _scene_length_s(source)
    if source.info.missing and (scene.end_s is None or scene.end_s > length):
        raise cut_off_error(source)
    begins = _length_s(source) - length
    end = min(scene.end_s if scene.end_s is not None else length, length)
    if end <= scene.start_s:
        text = f"{source.uri} is {length:.3f} s long: a scene cannot start at {scene.start_s:g} s"
        raise JobError("SceneOutOfRange", text)
    return Cut(source, begins + scene.start_s, end - scene.start_s)


def _length_s(source: Source) -> float:
    """A source's length: its picture's where the sound only fills its last packet."""
    length, shown = source.info.duration_s or 0.0, picture_ends_s(source)
    return shown if shown is not None and 0 < length - shown <= ALONE_S else length


def shape_of(output: MediaOutput, cuts: Sequence[Cut]) -> Shape:
    """What was asked for, and the first scene's where nothing was."""
    first = video_of(cuts[0].source)
    width, height = target_size(first, output.video.width, output.video.height)
    sound = any(cut.source.info.audio for cut in cuts) and output.audio.codec != "none"
    fps = output.video.fps or min(first.fps, 60.0)
    pixel_format, channels = output.video.pixel_format, _channels(output, cuts)
    colour = _colour(cuts, (width, height), pixel_format)
    return Shape(width, height, fps, sound, pixel_format, channels, colour, output.video.fit)


def _colour(cuts: Sequence[Cut], size: tuple[int, int], pixel_format: PixelFormat) -> Colour:
    """As the first scene's would be alone; a render is HDR where all of its scenes are, in the same way."""
    streams = [video_of(cut.source) for cut in cuts]
    colour = output_colour(streams[0], size, pixel_format)
    return colour if len({stream.transfer for stream in streams if is_hdr(streams[0])}) <= 1 else BT709


def _channels(output: MediaOutput, cuts: Sequence[Cut]) -> int:
    """As many as the scene with the most has, and at least two: a single channel is played by both as loud."""
    codec = audio_codec(output, video_container_of(output))
    streams = [cut.source.info.audio for cut in cuts if cut.source.info.audio]
    if codec not in ENCODERS:
        return 2
    return max(2, max((encoded_channels(codec, stream) for stream in streams), default=2))


def aligned(cuts: Sequence[Cut], fps: float) -> list[Cut]:
    """The cuts from the frames that are shown at their starts, joined at the output's frames nearest to their ends."""
    ends = accumulate((cut.duration_s for cut in cuts), initial=0.0)
    edges = pairwise(_frames(end, fps) for end in ends)
    return [
        replace(cut, start_s=_shown_from(cut, fps), duration_s=float(max(1, after - before) / rate(fps)))
        for cut, (before, after) in zip(cuts, edges, strict=True)
    ]


def _shown_from(cut: Cut, fps: float) -> float:
    """When the frame began that is shown at a cut, where the output can show it whole; else the cut itself."""
    stream, delay = video_of(cut.source), delay_s(cut.source)
    if not stream.times.constant or rate(stream.fps) != rate(fps) or cut.start_s < delay:
        return cut.start_s
    return delay + float(frame_at(cut.start_s - delay, rate(fps)) / rate(fps))


def frame_at(time_s: float, fps: Fraction) -> int:
    """The number of the frame that is shown at a time after the first frame's, where the rate is constant."""
    return math.floor((time_s + _SAME_S) * float(fps))


def _frames(duration_s: float, fps: float) -> int:
    return round(duration_s * float(rate(fps)))


def delay_s(source: Source) -> float:
    """How much later than its file a source's picture begins."""
    video = source.info.video
    return max(0.0, video.times.first_pts_s - source.info.start_s) if video else 0.0


def begins_together(source: Source) -> bool:
    """Whether nothing but an encoder's priming comes before the picture."""
    return delay_s(source) <= ALONE_S


def picture_ends_s(source: Source) -> float | None:
    """When a source's picture ends, from its file's start; None where it does not tell."""
    shown = source.info.video.times.duration_s if source.info.video else None
    return None if shown is None else delay_s(source) + shown


def decoder_threads(decoders: int, threads: int) -> int:
    """Threads of each decoder of a run: every thread holds frames, and few decoders work at the same time."""
    return max(1, min(threads, math.ceil(2 * threads / decoders)))


def total_s(cuts: Sequence[Cut], overlap_s: float) -> float:
    """Length of the joined scenes in seconds."""
    return sum(cut.duration_s for cut in cuts) - overlap_s * (len(cuts) - 1)


def graph_of(work: Render, shape: Shape) -> SceneGraph:
    """The graph with the transition that a render asks for."""
    fade = work.transition
    if fade is None:
        return SceneGraph(shape)
    return SceneGraph(shape, fade.type, float(max(1, _frames(fade.duration_s, shape.fps)) / rate(shape.fps)))


@dataclass(frozen=True)
class SceneGraph:
    """How cuts become one picture ``[v]`` and one sound ``[a]``; ``overlap_s`` is how long neighbours blend."""

    shape: Shape
    blend: str = ""
    overlap_s: float = 0.0

    def opened(self, cuts: Sequence[Cut]) -> list[Cut]:
        """The cuts to open for :meth:`text`, in order: sound that blends has inputs of its own.

        ``acrossfade`` reads ahead: from one input with the picture, ffmpeg would hold all pictures until then.
        """
        return [*cuts, *cuts] if self.shape.sound and self._blends(cuts) else [*cuts]

    def inputs(self, cuts: Sequence[Cut], threads: int) -> list[str]:
        """An input for each cut, whose time 0 is the cut; it begins at the keyframe before, for the filters to cut."""
        arguments: list[str] = []
        decoding = decoder_threads(len(cuts), threads)
        for cut in cuts:
            seek = ("-noaccurate_seek", *seek_arguments(cut.source.info, cut.start_s + _ROUNDED_S))
            arguments += input_arguments(cut.source.path, decoding, *seek)
        return arguments

    def text(self, cuts: Sequence[Cut], *, burn: bool = False) -> str:
        """The ``-filter_complex`` of picture and sound.

        Raises:
            JobError: TransitionTooLong.
        """
        numbered = list(enumerate(cuts))
        chains = [self._picture(number, cut) for number, cut in numbered]
        if self.shape.sound:
            sound_from = len(self.opened(cuts)) - len(cuts)
            chains += [self._sound(number, cut, sound_from + number) for number, cut in numbered]
        if self._blends(cuts):
            chains += [*self._blended_picture(cuts), *(self._blended_sound(cuts) if self.shape.sound else ())]
        else:
            chains.append(_concatenated(len(cuts), picture=True, sound=self.shape.sound))
        return ";".join([*chains, f"[joined]ass={PAINTED}[v]" if burn else "[joined]null[v]"])

    def sound_text(self, cuts: Sequence[Cut], first_input: int = 0) -> str:
        """The ``-filter_complex`` of the sound alone; ``first_input`` is the number of the first cut's input."""
        chains = [self._sound(number, cut, number + first_input) for number, cut in enumerate(cuts)]
        joined = self._blended_sound(cuts) if self._blends(cuts) else [_concatenated(len(cuts), sound=True)]
        return ";".join([*chains, *joined])

    def _blends(self, cuts: Sequence[Cut]) -> bool:
        return bool(self.blend) and len(cuts) > 1

    def _picture(self, number: int, cut: Cut) -> str:
        shape, stream = self.shape, video_of(cut.source)
        fit = fit_filters(stream, (shape.width, shape.height), shape.fit)
        # Of the frames before the cut it keeps the one that is shown at it.
        paced = f"fps={rate(shape.fps)}:start_time=0"
        # What is dropped need not be scaled, what is repeated need be once.
        sized = [paced, *fit] if shape.fps <= stream.fps else [*fit, paced]
        pixels = pixel_filters(stream, shape.pixel_format, shape.colour)
        filters = ",".join([*field_filters(stream), *sized, *pixels])
        # The last frame is held while the sound goes on, then everything is cut to the same length. Times begin at 0
        # already, and ffmpeg 7's setpts would make the frame rate unknown, which xfade refuses.
        return (
            f"[{number}:{stream.index}]{filters},"
            f"tpad=stop_mode=clone:stop_duration={_hold_s(cut):.6f},"
            f"trim=duration={cut.duration_s:.6f},settb=AVTB[v{number}]"
        )

    def _sound(self, number: int, cut: Cut, its_input: int) -> str:
        """A scene's sound; silence of its length where it has none."""
        layout = LAYOUTS[self.shape.channels]
        heard = f"anullsrc=r=48000:cl={layout}"
        if audio := cut.source.info.audio:
            placed = layout_filter(audio, self.shape.channels)
            heard = f"{filter_input(its_input, audio)}atrim=start=0,aresample=48000:async=1:first_pts=0,{placed}"
        return (
            f"{heard},aformat=sample_fmts=fltp:channel_layouts={layout},apad,"
            f"atrim=duration={cut.duration_s:.6f},asetpts=PTS-STARTPTS[a{number}]"
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


def _concatenated(count: int, *, picture: bool = False, sound: bool) -> str:
    labels = "".join((f"[v{n}]" if picture else "") + (f"[a{n}]" if sound else "") for n in range(count))
    outputs = ("[joined]" if picture else "") + ("[a]" if sound else "")
    return f"{labels}concat=n={count}:v={int(picture)}:a={int(sound)}{outputs}"


def _hold_s(cut: Cut) -> float:
    """How long the last frame may be held: while the sound goes on, and a little."""
    shown_s = picture_ends_s(cut.source)
    if shown_s is None:
        return 1.0
    return HOLD_S + min(cut.duration_s, max(0.0, cut.start_s + cut.duration_s - shown_s))
