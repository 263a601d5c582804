"""From what a stream's numbers mean to what an output's should: converted only where that differs, always tagged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import video
from videojobs_worker.media.colour import BT709, JFIF, SRGB, Colour, colour_of
from videojobs_worker.media.colour_filters import WITHOUT_METADATA, colour_filters, read_filters, tag_filter

BT601_525 = Colour("smpte170m", "tv", "smpte170m", "smpte170m")


def test_what_is_equal_is_tagged_and_not_converted() -> None:
    assert colour_filters(video(), BT709, "yuv422p") == [
        "format=yuv422p",
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    ]


def test_hdr_stays_what_it_is() -> None:
    stream = video(transfer="smpte2084")
    own = colour_of(stream)
    assert colour_filters(stream, own, "yuv420p10le") == ["format=yuv420p10le", tag_filter(own)]


@pytest.mark.parametrize(
    ("stream", "target", "pixels", "filters"),
    [
        (  # the light is the same: only numbers are
            {"matrix": "smpte170m"}, BT709, "yuv420p",
            ["zscale=min=smpte170m:rin=limited:pin=bt709:tin=bt709:m=bt709:r=limited:p=bt709:t=bt709"],
        ),
        (
            {"matrix": "smpte170m", "primaries": "smpte170m", "transfer": "smpte170m"}, BT709, "yuv420p",
            [
                "colorspace=ispace=smpte170m:irange=tv:iprimaries=smpte170m:itrc=bt709"
                ":space=bt709:range=tv:primaries=bt709:trc=bt709:format=yuv420p"
            ],
        ),
        (
            {"primaries": "smpte432"}, JFIF, "yuvj420p",
            [
                "colorspace=ispace=bt709:irange=tv:iprimaries=smpte432:itrc=bt709"
                ":space=bt470bg:range=pc:primaries=bt709:trc=bt709:format=yuv420p"
            ],
        ),
        (
            {"primaries": "smpte432"}, SRGB, "rgb24",
            [
                "colorspace=ispace=bt709:irange=tv:iprimaries=smpte432:itrc=bt709"
                ":space=bt709:range=tv:primaries=bt709:trc=bt709:format=yuv444p",
                "zscale=min=bt709:rin=limited:pin=bt709:tin=bt709:m=gbr:r=full:p=bt709:t=bt709", "format=gbrp",
            ],
        ),
        (
            {"range": "pc"}, BT709, "yuv420p",
            ["zscale=min=bt709:rin=full:pin=bt709:tin=bt709:m=bt709:r=limited:p=bt709:t=bt709"],
        ),
        (
            {"pixel_format": "rgb24"}, BT709, "yuv420p",
            ["zscale=min=gbr:rin=full:pin=bt709:tin=bt709:m=bt709:r=limited:p=bt709:t=bt709"],
        ),
        (
            {}, SRGB, "rgb24",
            ["zscale=min=bt709:rin=limited:pin=bt709:tin=bt709:m=gbr:r=full:p=bt709:t=bt709", "format=gbrp"],
        ),
        (  # versions of zscale have other names for it
            {"matrix": "smpte240m"}, BT709, "yuv420p",
            ["zscale=min=7:rin=limited:pin=bt709:tin=bt709:m=bt709:r=limited:p=bt709:t=bt709"],
        ),
        (
            {"transfer": "smpte2084", "matrix": "ictcp"},
            Colour("bt2020nc", "tv", "bt2020", "smpte2084"), "yuv420p10le",
            ["zscale=min=ictcp:rin=limited:pin=bt2020:tin=smpte2084:m=bt2020nc:r=limited:p=bt2020:t=smpte2084"],
        ),
        (
            {"transfer": "linear"}, BT709, "yuv420p",
            ["zscale=min=bt709:rin=limited:pin=bt709:tin=linear:m=bt709:r=limited:p=bt709:t=bt709"],
        ),
    ],
)  # fmt: skip
def test_what_differs_is_converted(stream: dict[str, Any], target: Colour, pixels: str, filters: list[str]) -> None:
    assert colour_filters(video(**stream), target, pixels) == [*filters, f"format={pixels}", tag_filter(target)]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"primaries": "bt2020", "matrix": "bt2020nc"}, "min=bt2020nc:rin=limited:pin=bt2020"),
        ({}, "min=bt2020nc:rin=limited:pin=bt2020"),
        ({"primaries": "smpte432", "matrix": "bt709", "range": "pc"}, "min=bt709:rin=full:pin=smpte432"),
        ({"primaries": "new", "matrix": "bt2020c"}, "min=bt2020nc:rin=limited:pin=bt2020"),
    ],
)
def test_hdr_is_mapped_from_what_the_stream_says(said: dict[str, str], read: str) -> None:
    filters = colour_filters(video(transfer="arib-std-b67", **said), BT709, "yuv420p")
    primaries = read.rpartition("=")[2]
    assert filters[0] == f"zscale={read}:tin=arib-std-b67:t=linear:p={primaries}:npl=203"
    assert filters[3:] == [
        "tonemap=tonemap=mobius:desat=0", "zscale=m=gbr:r=full:p=bt709:t=bt709", "format=gbrp12le",
        "zscale=min=gbr:rin=full:pin=bt709:tin=bt709:m=bt709:r=limited:p=bt709:t=bt709", *WITHOUT_METADATA,
        "format=yuv420p", tag_filter(BT709),
    ]  # fmt: skip


def test_hdr_is_mapped_to_what_a_picture_needs_at_once() -> None:
    filters = colour_filters(video(transfer="smpte2084"), JFIF, "yuvj420p")
    assert "zscale=min=gbr:rin=full:pin=bt709:tin=bt709:m=bt470bg:r=full:p=bt709:t=bt709" in filters


@pytest.mark.parametrize(
    ("said", "filters"),
    [
        ({}, []),
        ({"matrix": "bt709", "primaries": "bt470bg"}, []),
        ({"matrix": "unknown"}, []),
        ({"matrix": "gbr", "pixel_format": "gbrp"}, []),
        ({"matrix": "reserved"}, ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"]),
        ({"primaries": "reserved"}, ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"]),
        ({"matrix": "ycgco"}, ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"]),
        ({"matrix": "bt2020c"}, ["setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=bt709"]),
        ({"pixel_format": "yuv411p"}, ["format=yuv444p"]),
    ],
)
def test_what_some_filters_refuse_comes_before_none_of_them(said: dict[str, str], filters: list[str]) -> None:
    assert read_filters(video(**said)) == filters
