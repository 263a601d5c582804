"""Sizes: even, never distorted; rates: the ratio that is meant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import video
from videojobs_protocol.work import VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.frame_rate import rate
from videojobs_worker.media.picture import even, fit_filters, picture_filters, target_size


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
def test_sides_are_always_even(width: int, height: int, aspect: float, to_width: int, to_height: int) -> None:
    sides = target_size(video(width=width, height=height, sample_aspect=aspect), to_width, to_height)
    assert all(side >= 2 and side % 2 == 0 for side in sides)


@given(st.floats(0, 10_000))
def test_even_is_not_larger(value: float) -> None:
    assert even(value) == 2 or value - 2 < even(value) <= value


def test_what_fits_is_not_scaled() -> None:
    assert fit_filters(video(), (1280, 720)) == ["setsar=1"]


def test_another_shape_gets_bars() -> None:
    text = ",".join(fit_filters(video(), (640, 640)))
    assert "force_original_aspect_ratio=decrease" in text
    assert "pad=w=640:h=640" in text


def test_pixels_become_square() -> None:
    assert "iw*sar" in fit_filters(video(sample_aspect=1.5), (1920, 720))[0]
    assert "ih/sar" in fit_filters(video(sample_aspect=0.75), (1280, 960))[0]


def test_a_narrow_pixel_makes_the_picture_higher() -> None:
    assert target_size(video(width=108, height=144, sample_aspect=3 / 4), None, None) == (108, 192)


@pytest.mark.parametrize(
    ("fit", "filters"),
    [
        ("Crop", ["scale=w=640:h=640:force_original_aspect_ratio=increase", "crop=w=640:h=640", "setsar=1"]),
        ("Stretch", ["scale=w=640:h=640", "setsar=1"]),
    ],
)
def test_another_shape_may_be_cut_or_stretched(fit: Any, filters: list[str]) -> None:
    assert fit_filters(video(), (640, 640), fit) == filters


def test_a_side_of_less_than_two_pixels_is_refused_with_the_way_out() -> None:
    with pytest.raises(JobError, match="a picture of 16x4096 would be 1x180: give width and height both") as error:
        target_size(video(width=16, height=4096), None, 180)
    assert error.value.reason == "InvalidOutput"


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


def test_a_transcodes_filters() -> None:
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    assert picture_filters(video(), VideoSettings(fps=29.97)) == f"setsar=1,fps=30000/1001,format=yuv420p,{tags}"
