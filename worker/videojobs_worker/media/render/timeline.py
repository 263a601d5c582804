"""A render's scenes in frames, and which stretches of them can be taken as they are.

A stretch between two keyframes of a scene is copied; what lies between such stretches (the frames around a cut and
those that blend) is encoded, as one run for each gap. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe
from videojobs_worker.media.render.scenes import Cut, delay_s, frame_at
from videojobs_worker.media.source import Source, video_of


@dataclass(frozen=True)
class Shot:
    """Frames ``[first, last)`` of a source."""

    source: Source
    index: FrameIndex
    first: int
    last: int

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last - self.first

    @property
    def preroll(self) -> int:
        """How many frames before it must be decoded."""
        key = self.index.last_until(self.first)
        return self.first - key.frame if key else self.first

    def cut(self) -> Cut:
        """The same in seconds."""
        fps = self.index.fps
        return Cut(self.source, delay_s(self.source) + float(self.first / fps), float(self.frames / fps))

    def moved(self, source: Source, index: FrameIndex) -> Shot:
        """The same frames in a file that holds a stretch of the source, on the same clock."""
        old, new = video_of(self.source), video_of(source)
        skipped = round((new.times.first_pts_s - old.times.first_pts_s) * self.index.fps)
        return Shot(source, index, self.first - skipped, self.last - skipped)


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
    frames: int


Piece = Copied | Encoded


@dataclass(frozen=True)
class Timeline:
    """The whole render: the shots in order, how many frames neighbours share, and the pieces that make it up."""

    shots: tuple[Shot, ...]
    overlap: int
    pieces: tuple[Piece, ...]

    @property
    def frames(self) -> int:
        """Length of the render."""
        return sum(piece.frames for piece in self.pieces)

    @property
    def encoded(self) -> tuple[Encoded, ...]:
        """The pieces that must be encoded."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Encoded))


def timeline_of(cuts: Sequence[Cut], indexes: Sequence[FrameIndex], overlap_s: float) -> Timeline:
    """The timeline of a render's cuts; ``indexes`` are those of their sources, all of one frame rate."""
    shots = [_shot(cut, index) for cut, index in zip(cuts, indexes, strict=True)]
    overlap = round(overlap_s * indexes[0].fps) if len(shots) > 1 else 0
    return joined(shots, overlap)


def joined(shots: Sequence[Shot], overlap: int) -> Timeline:
    """The timeline of shots, of which neighbours share ``overlap`` frames."""
    return Timeline(tuple(shots), overlap, tuple(_pieces(shots, overlap)))


def _shot(cut: Cut, index: FrameIndex) -> Shot:
    start_s = max(0.0, cut.start_s - delay_s(cut.source))
    first = min(index.frames - 1, frame_at(start_s, index.fps))
    return Shot(cut.source, index, first, min(index.frames, first + max(1, round(cut.duration_s * index.fps))))


def _pieces(shots: Sequence[Shot], overlap: int) -> list[Piece]:
    pieces: list[Piece] = []
    gap: list[Shot] = []

    def close() -> None:
        if gap:
            frames = sum(shot.frames for shot in gap) - overlap * (len(gap) - 1)
            pieces.append(Encoded(tuple(gap), frames))
            gap.clear()

    for number, shot in enumerate(shots):
        # A blend needs a frame more than it blends.
        lead = overlap + 1 if overlap and number else 0
        trail = overlap + 1 if overlap and number < len(shots) - 1 else 0
        stretch = _copyable(shot, shot.first + lead, shot.last - trail)
        if stretch is None:
            gap.append(shot)
            continue
        end = shot.last if stretch.end is None else stretch.end.frame
        if stretch.begin.frame > shot.first:
            gap.append(Shot(shot.source, shot.index, shot.first, stretch.begin.frame))
        close()
        pieces.append(stretch)
        if end < shot.last:
            gap.append(Shot(shot.source, shot.index, end, shot.last))
    close()
    return pieces


def _copyable(shot: Shot, low: int, high: int) -> Copied | None:
    """The longest stretch within frames ``[low, high)`` that can be copied."""
    begin = shot.index.first_from(low)
    end = None if high == shot.index.frames else shot.index.last_until(high)
    if begin is None or (end is None and high < shot.index.frames):
        return None
    until = shot.index.frames if end is None else end.frame
    return Copied(shot.source, begin, end, until - begin.frame) if until > begin.frame else None
