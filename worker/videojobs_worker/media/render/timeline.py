"""A render's scenes in frames, and which stretches of them can be taken as they are.

A stretch between two keyframes of a scene is copied where nothing lies over it; what is between such stretches (frames
around a cut, that blend, under overlays and titles, of images and of scenes that differ from the output) is encoded, as
one run for each gap. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from videojobs_worker.media.render.cuts import Cut, delay_s, frame_at
from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe
from videojobs_worker.media.render.frame_range import FrameRange
from videojobs_worker.media.source import Source, video_of


@dataclass(frozen=True)
class Shot:
    """Frames ``[first, last)`` of a scene.

    Args:
        scene: the whole scene; a shot that begins later than it blends with nothing.
        index: of its source, by which the frames are counted. None where nothing of the scene can be copied: then they
            are frames of the render since the scene's begin.
        first: the first frame.
        last: the one behind the last frame.
        overlap: how many frames are seen with the shot before.
    """

    scene: Cut
    index: FrameIndex | None
    first: int
    last: int
    overlap: int = 0

    @property
    def source(self) -> Source:
        """What it is taken from."""
        return self.scene.source

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last - self.first

    @property
    def preroll(self) -> int:
        """How many frames before it must be decoded."""
        if self.index is None:
            return 0
        key = self.index.last_until(self.first)
        return self.first - key.frame if key else self.first

    def part(self, first: int, last: int) -> Shot:
        """Some of the frames."""
        return replace(self, first=first, last=last, overlap=self.overlap if first == self.first else 0)

    def cut(self, fps: Fraction) -> Cut:
        """The same in seconds, in a render of a frame rate."""
        blend = self.scene.blend if self.overlap else None
        duration_s = float(self.frames / fps)
        if self.index is None:
            start_s = self.scene.start_s + float(self.first / fps) * self.scene.speed
        else:
            start_s = delay_s(self.source) + float(self.first / fps)
        return replace(self.scene, start_s=start_s, duration_s=duration_s, blend=blend)

    def moved(self, source: Source, index: FrameIndex) -> Shot:
        """The same frames in a file that holds a stretch of the source, on the same clock."""
        old, new = video_of(self.source), video_of(source)
        skipped = round((new.times.first_pts_s - old.times.first_pts_s) * index.fps)
        scene = replace(self.scene, source=source)
        return replace(self, scene=scene, index=index, first=self.first - skipped, last=self.last - skipped)


@dataclass(frozen=True)
class Copied:
    """A stretch of a source that begins at a keyframe and ends before one, or with the source."""

    source: Source
    begin: Keyframe
    end: Keyframe | None
    frames: int


@dataclass(frozen=True)
class Encoded:
    """Shots that are joined, blended where the render blends, and encoded."""

    shots: tuple[Shot, ...]

    @property
    def frames(self) -> int:
        """How many they become."""
        return sum(shot.frames - shot.overlap for shot in self.shots)


Piece = Copied | Encoded


@dataclass(frozen=True)
class Timeline:
    """The whole render.

    Args:
        fps: frames a second.
        shots: its scenes, in order.
        covered: frames that something lies over, in order and apart.
        pieces: what makes it up, in order.
    """

    fps: Fraction
    shots: tuple[Shot, ...]
    covered: tuple[FrameRange, ...]
    pieces: tuple[Piece, ...]

    @property
    def frames(self) -> int:
        """Length of the render."""
        return sum(piece.frames for piece in self.pieces)

    @property
    def encoded(self) -> tuple[Encoded, ...]:
        """The pieces that must be encoded."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Encoded))

    @property
    def encoded_frames(self) -> tuple[FrameRange, ...]:
        """Which frames of the render those are."""
        ends = accumulate(piece.frames for piece in self.pieces)
        rows = zip(self.pieces, ends, strict=True)
        return tuple(FrameRange(end - piece.frames, end) for piece, end in rows if isinstance(piece, Encoded))


def timeline_of(
    cuts: Sequence[Cut], indexes: Sequence[FrameIndex | None], fps: Fraction, covered: Sequence[FrameRange] = ()
) -> Timeline:
    """The timeline of a render's cuts.

    Args:
        cuts: the scenes.
        indexes: of each scene's source, all of the render's frame rate; None where nothing of a scene can be copied.
        fps: frames a second of the render.
        covered: frames of the render that something lies over, in order and apart.
    """
    return joined([_shot(cut, index, fps) for cut, index in zip(cuts, indexes, strict=True)], fps, covered)


def joined(shots: Sequence[Shot], fps: Fraction, covered: Sequence[FrameRange] = ()) -> Timeline:
    """The timeline of shots."""
    return Timeline(fps, tuple(shots), tuple(covered), tuple(_pieces(shots, covered)))


def _shot(cut: Cut, index: FrameIndex | None, fps: Fraction) -> Shot:
    frames, overlap = max(1, round(cut.duration_s * fps)), round(cut.overlap_s * fps)
    if index is None:
        return Shot(cut, None, 0, frames, overlap)
    start_s = max(0.0, cut.start_s - delay_s(cut.source))
    first = min(index.frames - 1, frame_at(start_s, fps))
    return Shot(cut, index, first, min(index.frames, first + frames), overlap)


def _pieces(shots: Sequence[Shot], covered: Sequence[FrameRange]) -> list[Piece]:
    pieces: list[Piece] = []
    gap: list[Shot] = []
    begin = 0
    for number, shot in enumerate(shots):
        trail = shots[number + 1].overlap if number + 1 < len(shots) else 0
        begin -= shot.overlap
        at = shot.first
        for stretch in _stretches(shot, begin, trail, covered):
            if stretch.begin.frame > at:
                gap.append(shot.part(at, stretch.begin.frame))
            pieces += [Encoded(tuple(gap))] if gap else []
            pieces.append(stretch)
            gap, at = [], stretch.begin.frame + stretch.frames
        if at < shot.last:
            gap.append(shot.part(at, shot.last))
        begin += shot.frames
    return [*pieces, Encoded(tuple(gap))] if gap else pieces


def _stretches(shot: Shot, begin: int, trail: int, covered: Sequence[FrameRange]) -> Iterator[Copied]:
    """What can be copied of a shot that begins with frame ``begin`` of the render."""
    if shot.index is None:
        return
    # A blend needs a frame more than it blends.
    low = shot.first + (shot.overlap + 1 if shot.overlap else 0)
    high = shot.last - (trail + 1 if trail else 0)
    moved = shot.first - begin
    for hidden in [*covered, None]:
        until = high if hidden is None else min(high, hidden.first + moved)
        if low < until and (stretch := _copyable(shot.source, shot.index, low, until)):
            yield stretch
        if hidden is not None:
            low = max(low, hidden.end + moved)


def _copyable(source: Source, index: FrameIndex, low: int, high: int) -> Copied | None:
    """The longest stretch within frames ``[low, high)`` that can be copied."""
    begin = index.first_from(low)
    end = None if high == index.frames else index.last_until(high)
    if begin is None or (end is None and high < index.frames):
        return None
    until = index.frames if end is None else end.frame
    return Copied(source, begin, end, until - begin.frame) if until > begin.frame else None
