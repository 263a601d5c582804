"""What a picture's numbers mean: what it says, what is assumed where it is silent, and what an output gets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import video
from videojobs_worker.media.colour import (
    BT709,
    JFIF,
    SRGB,
    Colour,
    approximated,
    colour_of,
    is_hdr,
    is_mapped,
    output_colour,
    same,
)

HD, SD = {"width": 1280, "height": 720}, {"width": 640, "height": 360}
PAL, NTSC = {"width": 720, "height": 576}, {"width": 720, "height": 480}
#: Standard definition that never was on television has the primaries of screens.
BT601 = Colour("smpte170m", "tv", "bt709", "bt709")
BT601_525 = Colour("smpte170m", "tv", "smpte170m", "smpte170m")
BT601_625 = Colour("bt470bg", "tv", "bt470bg", "smpte170m")
HDR10 = Colour("bt2020nc", "tv", "bt2020", "smpte2084")


def full(colour: Colour) -> Colour:
    return Colour(colour.matrix, "pc", colour.primaries, colour.transfer)


@pytest.mark.parametrize(
    ("stream", "colour"),
    [
        (HD, BT709),
        (SD, BT601),
        (PAL, Colour("bt470bg", "tv", "bt470bg", "bt709")),
        (NTSC, Colour("smpte170m", "tv", "smpte170m", "bt709")),
        ({"width": 576, "height": 1024}, BT601),
        ({"width": 720, "height": 1280}, BT709),
        ({"width": 1280, "height": 536}, BT709),
        (SD | {"matrix": "bt709", "primaries": "bt709", "transfer": "bt709"}, BT709),
        (HD | {"matrix": "reserved", "primaries": "reserved", "transfer": "reserved"}, BT709),
        (SD | {"matrix": "bt470bg", "primaries": "bt470bg", "transfer": "smpte170m"}, BT601_625),
        (HD | {"pixel_format": "yuvj420p"}, full(BT709)),
        (HD | {"range": "pc"}, full(BT709)),
        (HD | {"pixel_format": "gray"}, full(BT709)),
        (HD | {"pixel_format": "gray", "range": "tv"}, BT709),
        (SD | {"codec": "mjpeg", "range": "pc"}, full(Colour("bt470bg", "pc", "bt709", "bt709"))),
        (SD | {"pixel_format": "gbrp", "matrix": "gbr"}, SRGB),
        (SD | {"pixel_format": "rgba"}, SRGB),
        (SD | {"pixel_format": "pal8"}, SRGB),
        (HD | {"transfer": "smpte2084"}, HDR10),
        (HD | {"transfer": "smpte2084", "matrix": "bt2020c", "primaries": "bt2020"}, HDR10),
        (HD | {"transfer": "smpte2084", "matrix": "ictcp"}, Colour("ictcp", "tv", "bt2020", "smpte2084")),
        (HD | {"matrix": "ictcp"}, BT709),
        (HD | {"matrix": "bt2020nc"}, Colour("bt2020nc", "tv", "bt2020", "bt709")),
        (HD | {"matrix": "ycgco"}, Colour("ycgco", "tv", "bt709", "bt709")),
        (HD | {"primaries": "smpte432"}, Colour("bt709", "tv", "smpte432", "bt709")),
        (HD | {"transfer": "smpte428"}, BT709),
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
        (PAL, (720, 576), "yuv420p", BT601_625),
        (NTSC, (720, 480), "yuv420p", BT601_525),
        (PAL, (1280, 1024), "yuv420p", BT709),
        (SD | {"range": "pc"}, (640, 360), "yuv420p", BT601),
        (SD | {"codec": "mjpeg", "range": "pc"}, (640, 360), "yuv420p", Colour("bt470bg", "tv", "bt709", "bt709")),
        (SD | {"matrix": "fcc"}, (640, 360), "yuv420p", BT709),
        (SD | {"matrix": "smpte170m", "primaries": "smpte432"}, (640, 360), "yuv420p", BT709),
        (SD | {"pixel_format": "gbrp"}, (640, 360), "yuv420p", BT709),
        (HD | {"transfer": "smpte2084"}, (1280, 720), "yuv420p", BT709),
        (SD | {"transfer": "smpte2084"}, (640, 360), "yuv420p", BT709),
        (HD | {"transfer": "smpte2084"}, (1280, 720), "yuv420p10le", HDR10),
        (HD | {"transfer": "smpte2084", "matrix": "ictcp"}, (1280, 720), "yuv420p10le", HDR10),
        (HD | {"transfer": "smpte2084", "range": "pc"}, (1280, 720), "yuv420p10le", HDR10),
    ],
)
def test_an_output_has_colours_that_players_know(
    stream: dict[str, Any], size: tuple[int, int], pixel_format: Any, colour: Colour
) -> None:
    assert output_colour(video(**stream), size, pixel_format) == colour


@pytest.mark.parametrize(
    ("transfer", "expected"), [("smpte2084", True), ("arib-std-b67", True), ("bt709", False), ("", False)]
)
def test_hdr_has_a_transfer_function_of_its_own_and_stays_in_ten_bits_alone(transfer: str, expected: bool) -> None:
    stream = video(transfer=transfer)
    assert is_hdr(stream) is expected
    assert (is_mapped(stream, "yuv420p"), is_mapped(stream, "yuv420p10le")) == (expected, False)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (BT601_525, Colour("bt470bg", "tv", "smpte170m", "bt709"), True),
        (BT601_525, BT601_625, False),
        (BT601, BT709, False),
        (BT709, full(BT709), False),
        (BT709, Colour("bt709", "tv", "bt709", "iec61966-2-1"), True),
        (HDR10, Colour("bt2020nc", "tv", "bt2020", "arib-std-b67"), False),
        (JFIF, BT709, False),
    ],
)
def test_equal_numbers_are_equal_colours_by_matrix_range_primaries_and_light(
    one: Colour, other: Colour, equal: bool
) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, ""),
        ({"matrix": "bt709"}, ""),
        ({"matrix": "unknown", "primaries": "unknown", "transfer": "unknown"}, ""),
        ({"matrix": "reserved"}, ""),
        ({"matrix": "ycgco"}, ""),
        ({"matrix": "smpte2085"}, "its colour matrix smpte2085 is read as bt709"),
        ({"matrix": "bt2020c"}, "its colour matrix bt2020c is read as bt2020nc"),
        ({"matrix": "gbr", "pixel_format": "gbrp"}, ""),
        ({"transfer": "smpte428"}, "its colour transfer function smpte428 is read as bt709"),
        (
            {"matrix": "bt2020c", "primaries": "new"},
            "its colour matrix bt2020c is read as bt2020nc, its colour primaries new is read as bt2020",
        ),
    ],
)
def test_what_no_filter_reads_is_read_as_the_nearest_and_reported(said: dict[str, str], text: str) -> None:
    assert approximated(video(**(HD | said))) == text
