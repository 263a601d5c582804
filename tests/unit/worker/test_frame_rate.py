"""Frame rates are exact, and of uneven frames one is found that shows them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from videojobs_worker.media.frame_rate import is_even, rate, usual_rate


@pytest.mark.parametrize(
    ("fps", "exact"),
    [
        (29.97, Fraction(30_000, 1001)),
        (Fraction(2997, 100), Fraction(30_000, 1001)),
        (Fraction(24_000, 1001), Fraction(24_000, 1001)),
        (14.985014985, Fraction(15_000, 1001)),
        (12.5, Fraction(25, 2)),
        (Fraction(1, 25), Fraction(1, 25)),
        (20 / 13107, Fraction(20, 13107)),
        (Fraction(1, 50_000), Fraction(1, 50_000)),
    ],
)
def test_a_rate_is_the_ratio_that_is_meant(fps: float | Fraction, exact: Fraction) -> None:
    assert rate(fps) == exact


@pytest.mark.parametrize(
    ("times", "even"),
    [
        ([0.0, 0.04, 0.08, 0.12], True),
        ([5.0, 5.041, 5.08, 5.119], True),
        ([0.0, 0.04, 0.12], False),
        ([0.0, 0.05, 0.08], False),
        ([0.0, 0.0, 0.04], False),
    ],
)
def test_even_frames_are_all_there_and_in_their_places(times: list[float], even: bool) -> None:
    assert is_even(times, Fraction(25)) == even


def steps(*groups: tuple[int, float]) -> list[float]:
    """Times of ``count`` frames a step apart, group after group."""
    times, now = [0.0], 0.0
    for count, step in groups:
        for _ in range(count):
            now += step
            times.append(now)
    return times


@pytest.mark.parametrize(
    ("times", "fps"),
    [
        (steps((125, 0.04), (1, 0.061), (125, 0.04)), Fraction(25)),  # two recordings joined
        (steps((9, 0.1), (10, 1.5)), Fraction(10)),  # a slide show that begins as a film
        (steps((600, 1 / 60), (20, 3.0)), Fraction(60)),  # a screen that moved, then stood still
        (steps(*[(1, step) for step in (0.030, 0.037, 0.033, 0.0333) * 200]), Fraction(30)),  # a telephone
        (steps(*[(1, step) for step in (0.0333, 0.0335) * 200]), Fraction(30_000, 1001)),
        (steps((300, 1 / 90)), Fraction(60)),  # faster than anything usual
        (steps((5, 7.0)), Fraction(1)),
    ],
)
def test_uneven_frames_have_the_slowest_rate_that_shows_them(times: list[float], fps: Fraction) -> None:
    assert usual_rate(times) == fps
