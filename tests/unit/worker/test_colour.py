"""What a picture's numbers mean: what it says, what is assumed where it is silent, and what an output gets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import video
from videojobs_worker.media.colour import (
    BT601,
    BT709,
    SRGB,
    Colour,
    approximated,
    colour_of,
    convert_filters,
    output_colour,
    read_filters,
    same,
)

HD, SD = {"width": 1280, "height": 720}, {"width": 640, "height": 360}
PAL = Colour("bt470bg", "tv", "bt470bg", "smpte170m")
HDR10 = Colour("bt2020nc", "tv", "bt2020", "smpte2084")


@pytest.mark.parametrize(
    ("stream", "colour"),
    [
        (HD, BT709),
        (SD, BT601),
        ({"width": 576, "height": 1024}, BT601),
        ({"width": 720, "height": 1280}, BT709),
        (SD | {"matrix": "bt709", "primaries": "bt709", "transfer": "bt709"}, BT709),
        (HD | {"matrix": "reserved", "primaries": "unknown", "transfer": "reserved"}, BT709),
        (SD | {"matrix": "bt470bg", "primaries": "bt470bg"}, PAL),
        (HD | {"pixel_format": "yuvj420p"}, Colour("bt709", "pc", "bt709", "bt709")),
        (HD | {"range": "pc"}, Colour("bt709", "pc", "bt709", "bt709")),
        (SD | {"pixel_format": "gbrp", "matrix": "gbr"}, SRGB),
        (SD | {"pixel_format": "rgba"}, SRGB),
        (HD | {"transfer": "smpte2084"}, HDR10),
        (HD | {"transfer": "smpte2084", "matrix": "bt2020c", "primaries": "bt2020"}, HDR10),
        (HD | {"matrix": "ycgco"}, BT709),
    ],
)
def test_what_is_not_said_is_assumed_as_players_do(stream: dict[str, Any], colour: Colour) -> None:
    assert colour_of(video(**stream)) == colour


@pytest.mark.parametrize(
    ("stream", "size", "pixel_format", "colour"),
    [
        (HD, (1280, 720), "yuv420p", BT709),
        (SD, (640, 360), "yuv420p", BT601),
        (SD, (1280, 720), "yuv420p", BT709),
        (HD, (640, 360), "yuv420p", BT709),
        (SD | {"range": "pc"}, (640, 360), "yuv420p", BT601),
        (SD | {"matrix": "fcc"}, (640, 360), "yuv420p", BT709),
        (SD | {"pixel_format": "gbrp"}, (640, 360), "yuv420p", BT709),
        (HD | {"transfer": "smpte2084"}, (1280, 720), "yuv420p", BT709),
        (SD | {"transfer": "smpte2084"}, (640, 360), "yuv420p", BT709),
        (HD | {"transfer": "smpte2084"}, (1280, 720), "yuv420p10le", HDR10),
    ],
)
def test_an_output_has_colours_that_players_know(
    stream: dict[str, Any], size: tuple[int, int], pixel_format: Any, colour: Colour
) -> None:
    assert output_colour(video(**stream), size, pixel_format) == colour


def test_the_two_names_of_bt601_are_the_same_numbers() -> None:
    assert same(PAL, BT601)
    assert not same(BT601, BT709)
    assert not same(BT709, Colour("bt709", "pc", "bt709", "bt709"))


def test_what_is_equal_is_tagged_and_not_scaled() -> None:
    assert convert_filters(BT601, PAL, "yuv420p") == [
        "format=yuv420p", "setparams=range=tv:color_primaries=bt470bg:color_trc=smpte170m:colorspace=bt470bg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "scale"),
    [
        (BT601, BT709, "scale=in_color_matrix=smpte170m:in_range=tv:out_range=tv:out_color_matrix=bt709"),
        (SRGB, BT709, "scale=out_range=tv:out_color_matrix=bt709"),
        (BT709, SRGB, "scale=in_color_matrix=bt709:in_range=tv"),
    ],
)
def test_what_differs_is_converted(source: Colour, target: Colour, scale: str) -> None:
    assert convert_filters(source, target, "yuv420p")[0].partition(":flags=")[0] == scale


@pytest.mark.parametrize(
    ("matrix", "filters", "text"),
    [
        ("", [], ""),
        ("bt709", [], ""),
        ("unknown", [], ""),
        ("reserved", ["setparams=colorspace=bt709"], ""),
        ("ycgco", ["setparams=colorspace=bt709"], "its colour matrix ycgco is read as bt709"),
        ("bt2020c", ["setparams=colorspace=bt2020nc"], "its colour matrix bt2020c is read as bt2020nc"),
    ],
)
def test_what_no_filter_reads_is_read_as_the_nearest_and_reported(matrix: str, filters: list[str], text: str) -> None:
    stream = video(**HD, matrix=matrix)
    assert (read_filters(stream), approximated(stream)) == (filters, text)
