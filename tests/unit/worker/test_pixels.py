"""HDR becomes SDR where the output is SDR, and fields become frames before they are scaled."""

from __future__ import annotations

import pytest

from tests.unit.worker.builders import video
from videojobs_worker.media.colour import BT709, colour_of, is_hdr, tag_filters
from videojobs_worker.media.pixels import field_filters, pixel_filters


@pytest.mark.parametrize(
    ("transfer", "expected"), [("smpte2084", True), ("arib-std-b67", True), ("bt709", False), ("", False)]
)
def test_hdr_is_told_by_its_transfer(transfer: str, expected: bool) -> None:
    assert is_hdr(video(transfer=transfer)) is expected


def test_sdr_is_only_given_its_format() -> None:
    assert pixel_filters(video(), "yuv422p", BT709) == ["format=yuv422p", *tag_filters(BT709)]


def test_hdr_stays_what_it_is_in_ten_bits() -> None:
    stream = video(transfer="smpte2084")
    own = colour_of(stream)
    assert pixel_filters(stream, "yuv420p10le", own) == ["format=yuv420p10le", *tag_filters(own)]


def test_hdr_among_sdr_is_mapped_in_ten_bits_too() -> None:
    assert "tonemap=tonemap=mobius:desat=0" in pixel_filters(video(transfer="smpte2084"), "yuv420p10le", BT709)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"primaries": "bt2020", "matrix": "bt2020nc"}, "pin=bt2020:min=bt2020nc"),
        ({"primaries": "", "matrix": ""}, "pin=bt2020:min=bt2020nc"),
        ({"primaries": "smpte432", "matrix": "bt709"}, "pin=smpte432:min=bt709"),
        ({"primaries": "film", "matrix": "ictcp"}, "pin=bt2020:min=bt2020nc"),
    ],
)
def test_hdr_is_mapped_from_what_the_stream_tells(told: dict[str, str], expected: str) -> None:
    first, *_, pixels, tags = pixel_filters(video(transfer="arib-std-b67", **told), "yuv420p", BT709)
    assert first.startswith(f"zscale=tin=arib-std-b67:{expected}:rin=limited:t=linear")
    assert [pixels, tags] == ["format=yuv420p", *tag_filters(BT709)]


@pytest.mark.parametrize(("interlaced", "count"), [(True, 1), (False, 0)])
def test_only_fields_are_joined(interlaced: bool, count: int) -> None:
    assert len(field_filters(video(interlaced=interlaced))) == count
