"""A long timeline in parts that are encoded apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from videojobs_worker.media.render.cuts import Cut


def parts_of(cuts: Sequence[Cut], fps: Fraction, most: int) -> list[list[Cut]]:
    """The scenes in groups, each of which is a part of the timeline; played one after the other they are all of it.

    Where scenes blend, a part ends in the middle of one, and the next begins there. One that is hardly longer than its
    blends is not taken apart, so that a part may have more scenes.

    Args:
        cuts: the scenes.
        fps: frames a second of the render.
        most: scenes of a part.
    """
    parts: list[list[Cut]] = [[]]
    for cut, after in zip(cuts, [*cuts[1:], None], strict=True):
        full = after is not None and len(parts[-1]) + 1 >= most
        halves = _halves(cut, after, fps) if full and after and after.blend else ()
        parts[-1].append(halves[0] if halves else cut)
        if halves or (full and after and not after.blend):
            parts.append([*halves[1:]])
    return parts


def _halves(cut: Cut, after: Cut, fps: Fraction) -> tuple[Cut, ...]:
    """A scene in two, each longer than its blend; nothing where there is no room."""
    frames = round(cut.duration_s * fps)
    before = frames // 2
    if before <= round(cut.overlap_s * fps) or frames - before <= round(after.overlap_s * fps):
        return ()
    first_s, second_s = float(before / fps), float((frames - before) / fps)
    second = replace(cut, start_s=cut.start_s + first_s * cut.speed, duration_s=second_s, blend=None)
    return replace(cut, duration_s=first_s), second
