"""Frame rates as exact ratios: of a header's numbers, of what users write, and of packets' times. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

#: Rates that television slowed down by 1001/1000 (SMPTE ST 12-1, 4).
_TELEVISION: Final = (24, 30, 48, 60, 120)
#: Rates that cameras, editors and players know, in order; what has no constant rate is shown at one of them.
_USUAL: Final = (
    *map(Fraction, (1, 2, 3, 4, 5, 6, 8, 10, 12)), Fraction(25, 2), Fraction(15), Fraction(20), Fraction(24_000, 1001),
    Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(30), Fraction(48), Fraction(50),
    Fraction(60_000, 1001), Fraction(60),
)  # fmt: skip
#: How far a frame may be from its place, in frames: Matroska's clock has milliseconds.
JITTER: Final = 0.2
#: The share of an uneven picture's frames that a rate must be fast enough to show.
_SHOWN: Final = 0.97
#: So much a camera's own clock may be wrong.
_ALIKE: Final = 0.015
_LEAST_TIMESCALE: Final = 10_000


def rate(fps: float | Fraction) -> Fraction:
    """A frame rate as the ratio that is meant: 29.97 and 29.97003 are 30000/1001. It is never 0: of less than a frame
    a second the interval is rounded."""
    whole = round(fps * 1.001)
    if whole in _TELEVISION and abs(fps * 1.001 - whole) < 0.005:
        return Fraction(whole * 1000, 1001)
    return Fraction(fps).limit_denominator(1001) if fps >= 1 else 1 / (1 / Fraction(fps)).limit_denominator(1001)


def timescale(fps: Fraction) -> int:
    """Ticks a second in which every frame has a whole number of them, as ffmpeg's mp4 muxer chooses them."""
    scale = fps.numerator
    while scale < _LEAST_TIMESCALE:
        scale *= 2
    return scale


def is_even(pts_s: Sequence[float], fps: Fraction) -> bool:
    """Whether frames presented at ``pts_s``, in order, come at a constant rate, with none missing."""
    places = [(pts - pts_s[0]) * float(fps) for pts in pts_s]
    return all(abs(place - number) < JITTER for number, place in enumerate(places))


def usual_rate(pts_s: Sequence[float]) -> Fraction:
    """The usual rate of most frames that are presented at ``pts_s``, in order; else the slowest that shows them."""
    middle = _middle_rate(pts_s)
    alike = sorted((fps for fps in _USUAL if abs(middle / float(fps) - 1) < _ALIKE), key=lambda fps: abs(fps - middle))
    return next((fps for fps in (*alike, *_USUAL) if _shown(pts_s, fps) >= _SHOWN * len(pts_s)), _USUAL[-1])


def _shown(pts_s: Sequence[float], fps: Fraction) -> int:
    return len({round((pts - pts_s[0]) * float(fps)) for pts in pts_s})


def _middle_rate(pts_s: Sequence[float]) -> float:
    """By the middle half of the intervals between frames: what stands long or comes at once tells no rate."""
    steps = sorted(after - before for before, after in pairwise(pts_s))
    middle = steps[len(steps) // 4 : len(steps) - len(steps) // 4]
    total = sum(middle)
    return len(middle) / total if total > 0 else 0.0
