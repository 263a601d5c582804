"""Sizes: even, never distorted; rates: the ratio that is meant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import video
from videojobs_worker.errors import JobError
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import even, fit_filters, size_within, target_size


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (None, None, (1280, 720)),
        (640, None, (640, 360)),
        (None, 360, (640, 360)),
        (640, 640, (640, 640)),
        (500, None, (500, 280)),
        (17, None, (16, 10)),
    ],
)
def test_one_side_keeps_the_aspect(width: int | None, height: int | None, expected: tuple[int, int]) -> None:
    assert target_size(video(), width, height) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (video(width=1279, height=719), (1278, 718)),
        (video(width=1, height=1), (2, 2)),
        (video(width=720, height=576, sample_aspect=64 / 45), (1024, 576)),
    ],
)
def test_without_a_size_it_is_what_the_source_shows(stream: object, expected: tuple[int, int]) -> None:
    assert target_size(stream, None, None) == expected  # type: ignore[arg-type]


@given(
    st.integers(1, 8192),
    st.integers(1, 8192),
    st.floats(0.1, 10),
    st.none() | st.integers(16, 8192),
    st.none() | st.integers(16, 8192),
)
def test_sides_are_even_or_refused(width: int, height: int, aspect: float, to_width: int, to_height: int) -> None:
    stream = video(width=width, height=height, sample_aspect=aspect)
    try:
        sides = target_size(stream, to_width, to_height)
    except JobError:
        assert not (to_width and to_height)
    else:
        assert all(side >= 2 and side % 2 == 0 for side in sides)


@given(st.floats(0, 10_000))
def test_even_is_not_larger(value: float) -> None:
    assert even(value) == 2 or value - 2 < even(value) <= value


def test_what_fits_passes_scale_alone_which_is_ready_for_another_size() -> None:
    assert fit_filters(video(), (1280, 720)) == ["scale=w=1280:h=720:eval=frame", "setsar=1"]


@pytest.mark.parametrize(("width", "height"), [(853, 481), (1279, 719), (1920, 1081)])
def test_what_is_rounded_to_even_sides_gets_no_bars(width: int, height: int) -> None:
    stream = video(width=width, height=height)
    assert len(fit_filters(stream, target_size(stream, None, None))) == 2


@pytest.mark.parametrize("changes", [{}, {"sample_aspect": 1.5}, {"width": 640, "height": 640, "variable_size": True}])
def test_another_shape_gets_bars_as_each_frame_needs_them(changes: dict[str, Any]) -> None:
    scaled, square, padded = fit_filters(video(**changes), (640, 640))
    assert "640*dar" in scaled
    assert scaled.endswith(":eval=frame")
    assert square == "setsar=1"
    assert padded == "pad=w=640:h=640:x='(ow-iw)/2':y='(oh-ih)/2':eval=frame"


def test_a_narrow_pixel_makes_the_picture_higher() -> None:
    assert target_size(video(width=108, height=144, sample_aspect=3 / 4), None, None) == (108, 192)


@pytest.mark.parametrize(
    ("size", "fit", "filters"),
    [
        ((640, 640), "Crop", ["scale=w=1138:h=640:eval=frame", "crop=w=640:h=640"]),
        ((320, 640), "Crop", ["scale=w=1138:h=640:eval=frame", "crop=w=320:h=640"]),
        ((1280, 200), "Crop", ["scale=w=1280:h=720:eval=frame", "crop=w=1280:h=200"]),
        ((640, 360), "Crop", ["scale=w=640:h=360:eval=frame"]),
        ((640, 640), "Stretch", ["scale=w=640:h=640:eval=frame"]),
        ((640, 360), "Blur", ["scale=w=640:h=360:eval=frame"]),
    ],
)
def test_another_shape_may_be_cut_or_stretched(size: tuple[int, int], fit: Any, filters: list[str]) -> None:
    assert fit_filters(video(), size, fit) == [*filters, "setsar=1"]


@given(st.integers(1, 8192), st.integers(1, 8192), st.floats(0.1, 10), st.integers(1, 4096), st.integers(1, 4096))
def test_what_is_cut_covers_the_size(width: int, height: int, aspect: float, to_width: int, to_height: int) -> None:
    stream = video(width=width, height=height, sample_aspect=aspect)
    scaled = fit_filters(stream, (2 * to_width, 2 * to_height), "Crop")[0]
    sides = [int(part.partition("=")[2]) for part in scaled.removeprefix("scale=").split(":")[:2]]
    assert sides[0] >= 2 * to_width
    assert sides[1] >= 2 * to_height
    assert all(side % 2 == 0 for side in sides)


@given(st.integers(1, 8192), st.integers(1, 8192), st.floats(0.1, 10), st.integers(1, 4096), st.integers(1, 4096))
def test_what_is_whole_is_within_and_as_large_as_it_may_be(
    width: int, height: int, aspect: float, to_width: int, to_height: int
) -> None:
    size = 2 * to_width, 2 * to_height
    within = size_within(video(width=width, height=height, sample_aspect=aspect), size)
    assert all(side % 2 == 0 and 2 <= side <= most for side, most in zip(within, size, strict=True))
    assert any(side == most for side, most in zip(within, size, strict=True))


def test_a_side_of_less_than_two_pixels_is_refused_with_the_way_out() -> None:
    with pytest.raises(JobError, match="a picture of 16x4096 would be 1x180: give width and height both") as error:
        target_size(video(width=16, height=4096), None, 180)
    assert error.value.reason == "InvalidOutput"


def test_a_side_that_no_player_takes_is_refused() -> None:
    with pytest.raises(JobError, match="would be 640x163840: give width and height both"):
        target_size(video(width=16, height=4096), 640, None)


@pytest.mark.parametrize(
    ("fps", "ratio"),
    [
        (25.0, "25"),
        (24.0, "24"),
        (30.0, "30"),
        (23.976, "24000/1001"),
        (24000 / 1001, "24000/1001"),
        (29.97, "30000/1001"),
        (59.94, "60000/1001"),
        (12.5, "25/2"),
        (1.0, "1"),
        (240.0, "240"),
    ],
)
def test_rates_are_the_ratios_that_are_meant(fps: float, ratio: str) -> None:
    assert str(rate(fps)) == ratio


@given(st.floats(1, 240))
def test_a_rate_is_near_what_was_asked(fps: float) -> None:
    assert abs(rate(fps) - Fraction(fps)) < Fraction(1, 500)


def test_pixels_too_wide_for_any_encoder_are_refused_with_the_way_out() -> None:
    with pytest.raises(JobError, match="a picture of 320x180 would be 32000x180: give width and height both"):
        target_size(video(width=320, height=180, sample_aspect=100.0), None, None)
    assert target_size(video(width=320, height=180, sample_aspect=100.0), 320, 180) == (320, 180)
