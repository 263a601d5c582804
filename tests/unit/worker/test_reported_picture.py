"""A picture stream by ffprobe's report: how it is turned, how its fields lie, whether its size may change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import times
from videojobs_worker.media.source import VideoStream
from videojobs_worker.probe.reported_picture import video_stream

MP4 = ("mov", "mp4")


def read(formats: tuple[str, ...] = MP4, **report: Any) -> VideoStream:
    usual = {"index": 0, "codec_name": "h264", "codec_tag_string": "avc1", "width": 144, "height": 108}
    return video_stream({**usual, **report}, times(), formats)


def matrix(a: int, b: int, c: int, d: int) -> str:
    one = 65536
    return f"\n00000000: {a * one:>12} {b * one:>12} 0\n00000001: {c * one:>12} {d * one:>12} 0\n00000002: 0 0 1\n"


@pytest.mark.parametrize(
    ("rotation", "displayed", "size", "aspect", "mirrored"),
    [
        (0, (1, 0, 0, 1), (144, 108), 4 / 3, False),
        (-90, (0, 1, -1, 0), (108, 144), 3 / 4, False),
        (90, (0, -1, 1, 0), (108, 144), 3 / 4, False),
        (-180, (-1, 0, 0, -1), (144, 108), 4 / 3, False),
        (0, (1, 0, 0, -1), (144, 108), 4 / 3, True),
        (-180, (-1, 0, 0, 1), (144, 108), 4 / 3, True),
        (-90, (0, 1, 1, 0), (108, 144), 3 / 4, True),
        (270, (0, -1, 1, 0), (108, 144), 3 / 4, False),
        (-30, (1, 1, -1, 1), (144, 108), 4 / 3, False),
    ],
)
def test_a_turned_picture_has_other_sides_and_other_pixels(
    rotation: int, displayed: tuple[int, int, int, int], size: tuple[int, int], aspect: float, mirrored: bool
) -> None:
    side = {"side_data_type": "Display Matrix", "displaymatrix": matrix(*displayed), "rotation": rotation}
    stream = read(sample_aspect_ratio="4:3", side_data_list=[side])
    assert (stream.width, stream.height) == size
    assert stream.sample_aspect == pytest.approx(aspect)
    assert (stream.rotation, stream.mirrored) == (rotation, mirrored)


def test_old_files_are_turned_by_a_tag() -> None:
    stream = read(tags={"rotate": "90"})
    assert (stream.width, stream.height, stream.rotation) == (108, 144, 90)


@pytest.mark.parametrize(
    ("order", "interlaced", "bottom_first"),
    [
        ("progressive", False, False),
        ("unknown", False, False),
        (None, False, False),
        ("tt", True, False),
        ("bb", True, True),
        ("bt", True, False),
        ("tb", True, True),
    ],
)
def test_the_order_of_fields_is_that_in_which_they_are_shown(
    order: str | None, interlaced: bool, bottom_first: bool
) -> None:
    stream = read(**({} if order is None else {"field_order": order}))
    assert (stream.interlaced, stream.bottom_first) == (interlaced, bottom_first)


@pytest.mark.parametrize(
    ("formats", "tag", "variable"),
    [
        (MP4, "avc1", False),
        (MP4, "hvc1", False),
        (MP4, "hev1", True),
        (MP4, "avc3", True),
        (MP4, "vp09", True),
        (("mpegts",), "avc1", True),
        (("matroska", "webm"), "[0][0][0][0]", True),
        (("h264",), "[0][0][0][0]", True),
    ],
)
def test_a_size_may_change_where_packets_carry_it(formats: tuple[str, ...], tag: str, variable: bool) -> None:
    assert read(formats, codec_tag_string=tag).variable_size is variable
