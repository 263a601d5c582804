"""The scenes of a render with their sources: what is taken of each, how long it is shown, and how it is joined. Pure.

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

from videojobs_protocol.work import Render, Scene, Transition
from videojobs_worker.errors import JobError
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.source import Source, cut_off_error, video_of
from videojobs_worker.media.still_image import has_one_frame, is_image
from videojobs_worker.media.streams import with_audio

#: Sound may be so much alone before and after its picture without being missed: it is made of packets.
ALONE_S: Final = 0.1
#: A time this close before a frame means the frame: people and Matroska write milliseconds.
_SAME_S: Final = 0.0005


@dataclass(frozen=True)
class Blend:
    """How a scene blends with the one before it, and for how many seconds both are seen."""

    type: str
    duration_s: float


@dataclass(frozen=True)
class Cut:
    """A scene with its source.

    Args:
        source: what it is cut from.
        start_s: where it begins, seconds since the source's start.
        duration_s: how long it is in the render, seconds.
        speed: how many seconds of the source are shown in one.
        gain_db: how much louder its sound is made.
        still: whether its one picture is shown all the time.
        blend: with the scene before it; None is a hard cut.
    """

    source: Source
    start_s: float
    duration_s: float
    speed: float = 1.0
    gain_db: float = 0.0
    still: bool = False
    blend: Blend | None = None

    @property
    def end_s(self) -> float:
        """Where it ends, seconds since the source's start."""
        return self.start_s + self.duration_s * self.speed

    @property
    def overlap_s(self) -> float:
        """How long the scene before it is seen with it."""
        return self.blend.duration_s if self.blend else 0.0


def cuts_of(work: Render, sources: Sequence[Source]) -> list[Cut]:
    """The scenes, each with its source.

    Raises:
        JobError: SceneOutOfRange, StreamNotFound; SourceTruncated where a scene is cut off, InvalidSpec where an
            image has no duration.
    """
    rows = zip(work.scenes, sources, strict=True)
    cuts = [
        _cut_of(number, scene, with_audio(source, scene.audio_stream)) for number, (scene, source) in enumerate(rows)
    ]
    blends = [None, *(_blend(scene.transition or work.transition) for scene in work.scenes[1:])]
    return [replace(cut, blend=blend) for cut, blend in zip(cuts, blends, strict=True)]


def ending_early(work: Render, sources: Sequence[Source]) -> str:
    """Which scenes are shorter than was asked for, in words; empty where none is."""
    early = [
        f"scenes[{number}] ends at {length:.3f} s, where {source.uri} does, not at {end_s:g} s"
        for number, (scene, source) in enumerate(zip(work.scenes, sources, strict=True))
        if not _is_still(scene, source)
        and (end_s := scene.asked_end_s) is not None
        and end_s > (length := _scene_length_s(source)) + ALONE_S
    ]
    more = f", and {len(early) - 1} more scenes end early" if len(early) > 1 else ""
    return f"{early[0]}{more}" if early else ""


def _cut_of(number: int, scene: Scene, source: Source) -> Cut:
    if _is_still(scene, source):
        if scene.duration_s is None:
            text = f"scenes[{number}].duration: {source.uri} is a still image: give how long it is shown"
            raise JobError("InvalidSpec", text)
        return Cut(source, 0.0, scene.duration_s, still=True)
    length, asked_end = _scene_length_s(source), scene.asked_end_s
    if source.info.missing and (asked_end is None or asked_end > length):
        raise cut_off_error(source)
    begins = _length_s(source) - length
    end = length if asked_end is None else min(asked_end, length)
    if end <= scene.start_s:
        text = f"{source.uri} is {length:.3f} s long: a scene cannot start at {scene.start_s:g} s"
        raise JobError("SceneOutOfRange", text)
    return Cut(source, begins + scene.start_s, (end - scene.start_s) / scene.speed, scene.speed, scene.gain_db)


def _is_still(scene: Scene, source: Source) -> bool:
    """An image, or a single frame of any format that is to be shown for a time."""
    return is_image(source.info) or (scene.duration_s is not None and has_one_frame(source.info))


def _blend(transition: Transition | None) -> Blend | None:
    if transition is None or transition.type == "none":
        return None
    return Blend(transition.type, transition.duration_s)


def _scene_length_s(source: Source) -> float:
    """How late a scene may end. Nobody counts an encoder's priming: times are those since the first picture."""
    return _length_s(source) - (delay_s(source) if begins_together(source) else 0.0)


def _length_s(source: Source) -> float:
    """A source's length: its picture's where the sound only fills its last packet."""
    length, shown = source.info.duration_s or 0.0, picture_ends_s(source)
    return shown if shown is not None and 0 < length - shown <= ALONE_S else length


def aligned(cuts: Sequence[Cut], fps: float) -> list[Cut]:
    """The cuts from the frames that are shown at their starts, joined at the output's frames nearest to their ends.

    Raises:
        JobError: TransitionTooLong.
    """
    ends = accumulate((cut.duration_s for cut in cuts), initial=0.0)
    edges = pairwise(_frames(end, fps) for end in ends)
    whole = [
        replace(cut, start_s=_shown_from(cut, fps), duration_s=float(max(1, after - before) / rate(fps)))
        for cut, (before, after) in zip(cuts, edges, strict=True)
    ]
    return _blended(whole, fps)


def _blended(cuts: Sequence[Cut], fps: float) -> list[Cut]:
    """Blends of whole frames, each of which both of its scenes outlast."""
    made = [*cuts[:1]]
    for before, cut in pairwise(cuts):
        if cut.blend is None:
            made.append(cut)
            continue
        overlap_s = float(max(1, _frames(cut.blend.duration_s, fps)) / rate(fps))
        shorter = min(before.duration_s, cut.duration_s)
        if overlap_s >= shorter:
            text = (
                f"the transition of {overlap_s:g} s is not shorter than a scene of {shorter:g} s: "
                "shorten the transition or lengthen the scene"
            )
            raise JobError("TransitionTooLong", text)
        made.append(replace(cut, blend=replace(cut.blend, duration_s=overlap_s)))
    return made


def _shown_from(cut: Cut, fps: float) -> float:
    """When the frame began that is shown at a cut, where the output can show it whole; else the cut itself.

    Of frames that come some milliseconds off their times, which it began by its rate: from there each is nearest to a
    frame of the output of its own.
    """
    stream, delay = video_of(cut.source), delay_s(cut.source)
    paced = rate(stream.fps * cut.speed) == rate(fps)
    if cut.still or not paced or cut.start_s < delay:
        return cut.start_s
    return delay + float(frame_at(cut.start_s - delay, rate(stream.fps)) / rate(stream.fps))


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


def starts_s(cuts: Sequence[Cut]) -> list[float]:
    """When each cut begins in the render, seconds, and at last when the render ends."""
    starts, end_s = [], 0.0
    for number, cut in enumerate(cuts):
        starts.append(end_s - (cut.overlap_s if number else 0.0))
        end_s = starts[-1] + cut.duration_s
    return [*starts, end_s]


def total_s(cuts: Sequence[Cut]) -> float:
    """Length of the joined scenes in seconds."""
    return starts_s(cuts)[-1]
