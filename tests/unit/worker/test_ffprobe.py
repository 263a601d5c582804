"""ffprobe's JSON as values: what a viewer sees, whatever is missing."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_worker.probe.ffprobe import parse

VIDEO = {
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1920,
    "height": 1080,
    "avg_frame_rate": "30000/1001",
    "sample_aspect_ratio": "1:1",
    "nb_frames": "300",
    "duration": "10.01",
}
AUDIO = {"codec_type": "audio", "codec_name": "aac", "sample_rate": "48000", "channels": 2, "duration": "10.02"}
FORMAT = {"format_name": "mov,mp4", "duration": "10.02", "size": "1234"}


def read(*streams: dict[str, Any], **container: Any) -> Any:
    return parse({"format": {**FORMAT, **container}, "streams": list(streams)})


def test_a_film() -> None:
    info = read(VIDEO, AUDIO)
    assert (info.formats, info.duration_s, info.bytes) == (("mov", "mp4"), 10.02, 1234)
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 1920, 1080)
    assert info.video.fps == pytest.approx(29.97, abs=0.001)
    assert (info.video.frames, info.video.duration_s) == (300, 10.01)
    assert (info.audio.codec, info.audio.sample_rate_hz, info.audio.channels) == ("aac", 48_000, 2)
    assert info.audio.duration_s == 10.02


@pytest.mark.parametrize(
    ("turn", "size"),
    [
        ({"side_data_list": [{"rotation": -90}]}, (1080, 1920)),
        ({"side_data_list": [{"other": 1}, {"rotation": 270}]}, (1080, 1920)),
        ({"side_data_list": [{"rotation": 180}]}, (1920, 1080)),
        ({"tags": {"rotate": "90"}}, (1080, 1920)),
        ({}, (1920, 1080)),
    ],
)
def test_sizes_are_as_shown(turn: dict[str, Any], size: tuple[int, int]) -> None:
    video = read({**VIDEO, **turn}).video
    assert (video.width, video.height) == size


def test_a_cover_is_no_film() -> None:
    cover = {**VIDEO, "codec_name": "mjpeg", "disposition": {"attached_pic": 1}}
    assert read(cover, AUDIO).video is None
    assert read(cover, VIDEO).video.codec == "h264"


@pytest.mark.parametrize(
    ("changes", "fps"),
    [
        ({"avg_frame_rate": "0/0", "r_frame_rate": "50/1"}, 50.0),
        ({"avg_frame_rate": "0/0", "r_frame_rate": "0/0"}, 25.0),
        ({"avg_frame_rate": None}, 25.0),
    ],
)
def test_a_rate_is_found_or_the_usual_one(changes: dict[str, Any], fps: float) -> None:
    assert read({**VIDEO, **changes}).video.fps == fps


@pytest.mark.parametrize(("ratio", "aspect"), [("64:45", 64 / 45), ("0:1", 1.0), ("N/A", 1.0), ("1:0", 1.0)])
def test_pixels_that_are_not_square(ratio: str, aspect: float) -> None:
    assert read({**VIDEO, "sample_aspect_ratio": ratio}).video.sample_aspect == pytest.approx(aspect)


@pytest.mark.parametrize(
    ("stream", "duration_s"),
    [
        ({"duration": "N/A", "tags": {"DURATION": "01:02:03.500000000"}}, 3723.5),
        ({"duration": None, "start_time": "0.5", "tags": {"DURATION": "00:00:10.500000000"}}, 10.0),
        ({"duration": None, "tags": {"DURATION": "what"}}, None),
        ({"duration": None, "tags": {"DURATION": "a:b:c"}}, None),
        ({"duration": None}, None),
    ],
)
def test_matroska_tells_a_streams_length_in_a_tag(stream: dict[str, Any], duration_s: float | None) -> None:
    info = read({**VIDEO, **stream}, {**AUDIO, **stream})
    assert (info.video.duration_s, info.audio.duration_s) == (duration_s, duration_s)


@pytest.mark.parametrize(("told", "duration_s"), [("N/A", 10.01), (None, 10.01), ("5", 5.0)])
def test_a_file_without_a_length_has_its_streams(told: str | None, duration_s: float) -> None:
    assert read(VIDEO, AUDIO, duration=told).duration_s == duration_s


def test_nothing_is_nothing() -> None:
    info = parse({})
    assert (info.duration_s, info.bytes, info.video, info.audio) == (None, 0, None, None)
