"""Of a long source only what the scenes need is read."""

from __future__ import annotations

import pytest

from tests.unit.worker.builders import source
from videojobs_worker.media.render.cuts import Cut
from videojobs_worker.media.render.spans import WHOLE, Span, intervals, read_share, spans_of, unbroken, window

LONG = source(duration_s=1000.0)


def test_cuts_that_are_near_are_one_span() -> None:
    cuts = [Cut(LONG, 500.0, 2.0), Cut(LONG, 10.0, 5.0), Cut(LONG, 20.0, 1.0), Cut(LONG, 12.0, 1.0)]
    assert spans_of(cuts) == [Span(10.0, 21.0), Span(500.0, 502.0)]


def test_programs_read_a_little_more() -> None:
    spans = [Span(10.0, 21.0), Span(500.0, 502.0)]
    assert intervals(spans) == "10.000000%23.000000,500.000000%504.000000"
    assert window(spans[1], LONG) == ("-ss", "500.000000", "-t", "4.000000")
    assert read_share(LONG, spans) == pytest.approx(0.017)
    assert read_share(LONG, WHOLE) == 1.0


@pytest.mark.parametrize(("missing", "whole"), [(5, True), (12, False), (25, False), (60, True), (99, True)])
def test_only_what_is_within_a_span_counts(missing: int, whole: bool) -> None:
    numbers = [number for number in range(100) if number != missing]
    assert unbroken(numbers, [Span(1.0, 2.0)], 0.0, 0.1) is whole
    assert unbroken(numbers, WHOLE, 0.0, 0.1) is (missing == 99)
