"""The frame shown at a time, where frames do not come evenly."""

from __future__ import annotations

import pytest

from tests.unit.worker.builders import source, video
from videojobs_worker.media.preview.pictures import seek_to
from videojobs_worker.probe.frame_times import parse_moments

MOMENTS = [0.0, 0.04, 1.04, 1.08]


def test_moments_are_in_order_once_and_from_the_beginning() -> None:
    assert parse_moments(["1.500000,", "1.100000", "1.300000", "1.100000", "N/A", ""], 1.0) == pytest.approx(
        [0.1, 0.3, 0.5]
    )


@pytest.mark.parametrize(
    ("time_s", "between"), [(0.0, (-1, 0.0)), (0.5, (0.0, 0.04)), (1.04, (0.04, 1.04)), (9.0, (1.04, 1.08))]
)
def test_a_seek_goes_between_the_frame_shown_and_the_one_before(time_s: float, between: tuple[float, float]) -> None:
    low, high = between
    assert low < seek_to(time_s, source(), MOMENTS) <= high


def test_a_picture_that_begins_late_is_counted_from_its_beginning() -> None:
    late = source(picture=video(start_s=2.0))
    assert seek_to(3.0, late) == pytest.approx(3.0 - 0.25 / 25)
    assert seek_to(0.5, late) == pytest.approx(2.0 - 0.25 / 25)
