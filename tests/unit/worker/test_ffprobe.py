"""ffprobe's JSON as values: what a viewer sees, whatever is missing."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_worker.media.source import SubtitleStream
from videojobs_worker.media.stream_times import Packet
from videojobs_worker.probe.ffprobe_report import parse
from videojobs_worker.probe.measurement import Measurement

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
    numbered = [{"index": number, **stream} for number, stream in enumerate(streams)]
    return parse({"format": {**FORMAT, **container}, "streams": numbered})


def test_a_film() -> None:
    info = read(VIDEO, AUDIO)
    assert (info.formats, info.duration_s, info.bytes) == (("mov", "mp4"), 10.02, 1234)
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 1920, 1080)
    assert info.video.fps == pytest.approx(29.97, abs=0.001)
    assert (info.video.times.packets, info.video.times.duration_s) == (300, 10.01)
    assert (info.audio.codec, info.audio.sample_rate_hz, info.audio.channels) == ("aac", 48_000, 2)
    assert info.audio.times.duration_s == 10.02


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
    shown = read(cover, VIDEO)
    assert (shown.video.codec, shown.video.index, shown.pictures) == ("h264", 1, 1)


def heard(codec: str = "aac", **more: Any) -> dict[str, Any]:
    return {**AUDIO, "codec_name": codec, **more}


@pytest.mark.parametrize(
    ("streams", "taken"),
    [
        ([heard(), heard()], 0),
        ([heard(), heard(disposition={"default": 1})], 1),
        ([heard("unknown", disposition={"default": 1}), heard()], 1),
        ([{"codec_type": "audio", "channels": 2}, heard()], 1),
        ([heard(channels=0), heard()], 1),
        ([heard("unknown")], None),
        ([], None),
    ],
)
def test_the_default_sound_is_taken_or_the_first_that_can_be_decoded(
    streams: list[dict[str, Any]], taken: int | None
) -> None:
    info = read(*streams)
    assert len(info.sounds) == len(streams)
    assert (info.audio.index if info.audio else None) == taken


def test_languages_and_layouts_are_read() -> None:
    info = read(
        heard(channel_layout="5.1(side)", tags={"language": "ENG"}),
        heard(channel_layout="unknown", tags={"language": "und"}),
        {"codec_type": "subtitle", "codec_name": "subrip", "tags": {"language": "ger"}, "disposition": {"default": 1}},
    )
    assert [(stream.layout, stream.language) for stream in info.sounds] == [("5.1(side)", "eng"), ("", "")]
    assert info.subtitles == (SubtitleStream("subrip", 2, "ger", default=True),)


@pytest.mark.parametrize(
    ("streams", "formats", "right"),
    [
        ([heard("pcm_s16le", channels=1), heard("pcm_s16le", channels=1), heard("pcm_s16le", channels=1)], "mxf", 1),
        ([heard("pcm_s16le", channels=1), heard("pcm_s24le", channels=1)], "mxf", None),
        ([heard("pcm_s16le", channels=1)], "mxf", None),
        ([heard("pcm_s16le", channels=2), heard("pcm_s16le", channels=2)], "mxf", None),
        ([heard("aac", channels=1), heard("aac", channels=1)], "mov,mp4", None),
        (
            [
                heard("pcm_s16le", channels=1, channel_layout="1 channels (FL)"),
                heard("pcm_s16le", channels=1, channel_layout="1 channels (FR)"),
            ],
            "mov,mp4",
            1,
        ),
        (
            [
                heard("pcm_s16le", channels=1, channel_layout="FL"),
                heard("pcm_s16le", channels=1, channel_layout="FR", sample_rate="44100"),
            ],
            "mov,mp4",
            None,
        ),
    ],
)
def test_left_and_right_in_two_streams_are_one_sound(
    streams: list[dict[str, Any]], formats: str, right: int | None
) -> None:
    info = read(*streams, format_name=formats)
    assert info.audio is not None
    assert info.audio.right == right
    if right is not None:
        assert (info.audio.channels, info.audio.layout) == (2, "stereo")
    assert [stream.right for stream in info.sounds] == [None] * len(streams)


def test_what_this_ffmpeg_has_no_decoder_for_is_left_out() -> None:
    data = {"format": FORMAT, "streams": [{**VIDEO, "index": 0}, {**heard("ac4"), "index": 1}, {**heard(), "index": 2}]}
    info = parse(data, decoders=frozenset({"aac"}))
    assert (info.video, info.pictures, info.unreadable) == (None, 1, ("h264",))
    assert [stream.decodable for stream in info.sounds] == [False, True]
    assert info.audio is not None
    assert info.audio.index == 2


def test_the_end_of_the_last_chapter_is_read() -> None:
    assert read(VIDEO).chapters_end_s is None
    chapters = [{"end_time": "2.500000"}, {"end_time": "9.000000"}]
    assert parse({"format": FORMAT, "streams": [], "chapters": chapters}).chapters_end_s == 9


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
    assert (info.video.times.duration_s, info.audio.times.duration_s) == (duration_s, duration_s)


@pytest.mark.parametrize("container", ["N/A", None, "5", "19"])
def test_a_file_lasts_as_long_as_its_longest_picture_or_sound(container: str | None) -> None:
    chapters = {"codec_type": "data", "codec_name": "bin_data", "duration": "19"}
    assert read(VIDEO, AUDIO, chapters, duration=container).duration_s == 10.02


def test_a_file_whose_streams_say_nothing_lasts_as_it_says_itself() -> None:
    assert read({**VIDEO, "duration": None}, AUDIO, duration="12").duration_s == 12


def test_a_file_that_begins_late_lasts_from_its_start() -> None:
    late = {"start_time": "1.4"}
    assert read({**VIDEO, **late}, {**AUDIO, **late}, **late).duration_s == pytest.approx(10.02)


def test_streams_without_a_packet_are_not_there() -> None:
    film, sound = {**VIDEO, "index": 0}, {**AUDIO, "index": 1}
    packets = [Packet(0.0, 0.0, 0.5, hidden=False)]
    heard = parse({"format": FORMAT, "streams": [film, sound]}, Measurement({1: packets}))
    assert (heard.video, heard.duration_s, heard.hollow) == (None, 0.5, 1)
    assert parse({"format": FORMAT, "streams": [film, sound]}, Measurement({})).audio is None


def test_nothing_is_nothing() -> None:
    info = parse({})
    assert (info.duration_s, info.bytes, info.video, info.audio) == (None, 0, None, None)
