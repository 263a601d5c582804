"""The stretches of a source that a render needs: no film of hours is read for a scene of seconds. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.source import Source

#: Read behind what is needed: frames are stored in another order than they are shown in.
_BEHIND_S: Final = 2.0
#: Up to here behind what is needed nothing may be missing.
_CERTAIN_S: Final = 1.0
#: Stretches that are less apart are one: seeking costs more than reading on.
_APART_S: Final = 10.0


@dataclass(frozen=True)
class Span:
    """A stretch ``[start_s, end_s)``, seconds on the file's clock."""

    start_s: float
    end_s: float


#: All of a file.
WHOLE: Final = (Span(-math.inf, math.inf),)


def spans_of(cuts: Sequence[Cut]) -> list[Span]:
    """What the cuts of one source need of it, in order."""
    spans: list[Span] = []
    for cut in sorted(cuts, key=lambda each: each.start_s):
        start = cut.source.info.start_s + cut.start_s
        span = Span(start, start + cut.duration_s * cut.speed)
        if spans and span.start_s < spans[-1].end_s + _APART_S:
            spans[-1] = Span(spans[-1].start_s, max(spans[-1].end_s, span.end_s))
        else:
            spans.append(span)
    return spans


def intervals(spans: Sequence[Span]) -> str:
    """For ffprobe's ``-read_intervals``; it begins each at the keyframe before."""
    return ",".join(f"{max(0.0, span.start_s):.6f}%{span.end_s + _BEHIND_S:.6f}" for span in spans)


def window(span: Span, source: Source) -> tuple[str, ...]:
    """The same for ffmpeg, whose times count from the file's start; since 8.1 from 0, where that is negative."""
    begins = max(0.0, source.info.start_s)
    start = max(0.0, span.start_s - begins)
    length = span.end_s + _BEHIND_S - begins - start
    return ("-ss", f"{start:.6f}", "-t", f"{length:.6f}")


def read_share(source: Source, spans: Sequence[Span]) -> float:
    """How much of a source the spans are, 0 to 1."""
    length = source.info.duration_s or 0.0
    return min(1.0, sum(span.end_s - span.start_s + _BEHIND_S for span in spans) / length) if length else 1.0


def unbroken(numbers: Sequence[int], spans: Sequence[Span], first_s: float, step_s: float) -> bool:
    """Whether none of ``numbers`` (in order; number n is at ``first_s + n * step_s``) is missing within the spans."""
    have = set(numbers)
    return all(number in have for span in spans for number in _wanted(span, numbers, first_s, step_s))


def _wanted(span: Span, numbers: Sequence[int], first_s: float, step_s: float) -> range:
    low, high = (span.start_s - first_s) / step_s, (span.end_s + _CERTAIN_S - first_s) / step_s
    return range(
        max(numbers[0], math.ceil(low) if math.isfinite(low) else numbers[0]),
        min(numbers[-1], math.floor(high) if math.isfinite(high) else numbers[-1]) + 1,
    )
