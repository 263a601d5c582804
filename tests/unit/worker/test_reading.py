"""A source is sought, or decoded from its beginning where seeking would go wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.worker.builders import source, times, video
from videojobs_worker.media.clocks import SourceTime
from videojobs_worker.media.reading import frame_rate_filters, frame_times, read_from, reads_from_start
from videojobs_worker.media.source import Source


def of_format(name: str, **changes: object) -> Source:
    made = source(**changes)
    return replace(made, info=replace(made.info, formats=(name,)))


@pytest.mark.parametrize("name", ["mov", "matroska", "avi", "mpegts", "gif", "flv"])
def test_a_container_is_sought(name: str) -> None:
    assert read_from(of_format(name), SourceTime(1.5)).options == (
        "-noaccurate_seek", "-seek_timestamp", "1", "-ss", "1.500001",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["h264", "hevc", "mpegvideo", "mjpeg", "jpeg_pipe"])
def test_an_elementary_stream_is_decoded_from_its_beginning(name: str) -> None:
    raw = of_format(name, picture=video(fps=30_000 / 1001))
    assert reads_from_start(raw)
    reading = read_from(raw, SourceTime(1.5))
    assert reading.options == ()
    assert reading.picture == ("setpts=PTS-STARTPTS+-1.500000/TB", "fps=30000/1001")


def test_frames_without_timestamps_are_counted_from_where_they_begin() -> None:
    lost = of_format("matroska", picture=video(times=times(first_s=0.25, timed=False)))
    assert [frame_times(lost), *frame_rate_filters(lost)] == ["setpts=N/(25)/TB+0.250000/TB", "fps=25"]


def test_sound_before_the_picture_is_not_lost_to_a_seek() -> None:
    late = of_format("mov", picture=video(start_s=2.0))
    reading = read_from(late, SourceTime(0.5))
    assert reading.options == ()
    assert reading.picture == ("setpts=PTS-0.500000/TB",)
    assert reading.sound == ("asetpts=PTS-0.500000/TB",)
    assert read_from(late, SourceTime(2.0)).options


@pytest.mark.parametrize(
    ("name", "at_s", "reordered", "options"),
    [
        ("mov", 1.5, True, ("-itsoffset", "-0.680000", "-seek_timestamp", "1", "-ss", "0.820001")),
        ("mov", 0.2, True, ("-itsoffset", "-0.200001", "-seek_timestamp", "1", "-ss", "0.000000")),
        ("mov", 1.5, False, ("-seek_timestamp", "1", "-ss", "1.500001")),
        ("matroska", 1.5, True, ("-seek_timestamp", "1", "-ss", "1.500001")),
    ],
)
def test_a_seek_by_times_of_decoding_goes_before_the_frames_that_are_shown_earlier(
    name: str, at_s: float, reordered: bool, options: tuple[str, ...]
) -> None:
    read = of_format(name, picture=video(reordered=reordered))
    assert read_from(read, SourceTime(at_s)).options == ("-noaccurate_seek", *options)
