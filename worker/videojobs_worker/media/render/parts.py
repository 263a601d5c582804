"""A long timeline in parts that are encoded apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.render.scenes import Cut, SceneGraph
from videojobs_worker.media.source import video_of

#: Every scene is an open decoder, which holds some frames.
SCENES_A_PART: Final = 16
#: And so many pixels of one frame of each: those of SCENES_A_PART in Full HD.
_PIXELS_A_PART: Final = SCENES_A_PART * 1920 * 1080


def parts_of(cuts: Sequence[Cut], graph: SceneGraph) -> list[list[Cut]]:
    """The scenes in groups, each of which is a part of the timeline; played one after the other they are all of it.

    Where scenes blend, a part ends in the middle of one, and the next begins there. One that is hardly longer than its
    blends is not taken apart, so that a part may have more scenes than SCENES_A_PART.
    """
    parts: list[list[Cut]] = [[]]
    most = scenes_a_part(cuts)
    for number, cut in enumerate(cuts):
        last, full = number == len(cuts) - 1, len(parts[-1]) + 1 >= most
        halves = _halves(cut, graph) if full and not last else ()
        parts[-1].append(halves[0] if halves else cut)
        if halves or (full and not last and not graph.overlap_s):
            parts.append([*halves[1:]])
    return parts


def scenes_a_part(cuts: Sequence[Cut]) -> int:
    """How many scenes one run decodes: fewer where their pictures are large."""
    pixels = max(video_of(cut.source).width * video_of(cut.source).height for cut in cuts)
    return max(2, min(SCENES_A_PART, _PIXELS_A_PART // max(1, pixels)))


def _halves(cut: Cut, graph: SceneGraph) -> tuple[Cut, ...]:
    """Both longer than a blend; nothing where there is none, or no room."""
    fps = rate(graph.shape.fps)
    frames, overlap = round(cut.duration_s * fps), round(graph.overlap_s * fps)
    before = frames // 2
    if not overlap or before <= overlap:
        return ()
    first, second = float(before / fps), float((frames - before) / fps)
    return replace(cut, duration_s=first), replace(cut, start_s=cut.start_s + first, duration_s=second)
