"""What plain clients send becomes work, or a text that names the argument."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_protocol import limits
from videojobs_protocol.progress import Output
from videojobs_protocol.work import AudioSettings, Caption, MediaOutput, Scene, Transition, VideoSettings
from videojobs_worker.tasks import arguments, output_format
from videojobs_worker.tasks.argument import Argument
from videojobs_worker.tasks.arguments import ArgumentError
from videojobs_worker.tasks.running import path_of

FOLDER = Path("/renders")


@pytest.fixture
def film() -> str:
    return "/media/a film #1.mp4"


def test_a_render_as_clients_know_it(film: str) -> None:
    scenes = [{"video_path": film, "start_time": 0, "end_time": 10}, {"video_path": film, "start_time": 1.5}]
    form = {"width": 1920, "height": 1080, "fps": 30}
    work = arguments.render({"scenes": scenes, "output_format": form, "transitions": True}, FOLDER, "id")
    assert [(scene.start_s, scene.end_s) for scene in work.scenes] == [(0.0, 10.0), (1.5, None)]
    assert work.scenes[0].uri.endswith("a%20film%20%231.mp4")
    assert work.transition == Transition("fade", 0.5)
    assert work.output.uri == "file:///renders/id.mp4"
    assert work.output.video == VideoSettings("h264", 1920, 1080, 30.0)


def test_a_path_that_is_no_utf_8_keeps_its_bytes() -> None:
    """As Python's own functions give it, and as it comes through Celery's JSON."""
    path = json.loads(json.dumps(os.fsdecode(b"/media/caf\xe9.mp4")))
    assert arguments.transcode(path, {}, FOLDER, "id").uri == "file:///media/caf%E9.mp4"
    output = arguments.transcode("/a", {}, Path(os.fsdecode(b"/caf\xe9")), "id").outputs[0]
    assert path_of(Output(output.uri, 1, "")) == os.fsdecode(b"/caf\xe9/id.mp4")


@pytest.mark.parametrize(("transitions", "count", "blend"), [(True, 1, False), (False, 2, False), (True, 2, True)])
def test_a_transition_needs_two_scenes(film: str, transitions: bool, count: int, blend: bool) -> None:
    job = {"scenes": [{"video_path": film}] * count, "transitions": transitions}
    assert (arguments.render(job, FOLDER, "id").transition is not None) == blend


def test_subtitles_are_burnt(film: str) -> None:
    work = arguments.render({"scenes": [{"video_path": film}], "subtitles": film}, FOLDER, "id")
    assert work.subtitles is not None
    assert work.subtitles.mode == "Burn"


@pytest.mark.parametrize(
    ("rate", "bits"), [("5M", 5_000_000), ("800k", 800_000), ("1.5M", 1_500_000), (64_000, 64_000), (None, None)]
)
def test_bit_rates(film: str, rate: Any, bits: int | None) -> None:
    work = arguments.transcode(film, {"bitrate": rate}, FOLDER, "id")
    assert work.outputs[0].video.bitrate_bps == bits


@pytest.mark.parametrize(
    ("form", "codec", "ending"),
    [
        ({}, "h264", "mp4"),
        ({"container": "webm"}, "vp9", "webm"),
        ({"codec": "h265", "container": "mkv"}, "h265", "mkv"),
    ],
)
def test_codec_and_container(film: str, form: dict[str, Any], codec: str, ending: str) -> None:
    (output,) = arguments.transcode(film, form, FOLDER, "id").outputs
    assert (output.video.codec, output.uri) == (codec, f"file:///renders/id.{ending}")


def test_pixels_and_sound_as_in_a_videojob(film: str) -> None:
    form = {"pixel_format": "yuv420p10le", "audio_codec": "opus", "audio_bitrate": "96k", "crf": 63, "codec": "av1"}
    (output,) = arguments.transcode(film, form, FOLDER, "id").outputs
    assert output.video == VideoSettings("av1", crf=63, pixel_format="yuv420p10le")
    assert output.audio == AudioSettings("opus", 96_000)


def test_streams_fit_and_loudness_as_in_a_videojob(film: str) -> None:
    form = {"fit": "Crop", "loudness": -16, "audio_streams": ["all", 0, "eng"], "subtitle_streams": ["default"]}
    (output,) = arguments.transcode(film, form, FOLDER, "id").outputs
    assert output.video == VideoSettings(fit="Crop")
    assert output.audio == AudioSettings(loudness_lufs=-16, streams=("all", "0", "eng"))
    assert output.subtitle_streams == ("default",)


@pytest.mark.parametrize("container", ["m4a", "mp3", "opus", "flac", "wav"])
def test_a_file_of_sound(film: str, container: str) -> None:
    work = arguments.transcode(film, {"container": container, "audio_bitrate": "64k"}, FOLDER, "id")
    uri = f"file:///renders/id.{container}"
    assert work.outputs == (MediaOutput(uri, container, audio=AudioSettings(bitrate_bps=64_000)),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ({"duration": 3}, {"duration_s": 3.0}),
        ({"speed": 2}, {"speed": 2.0}),
        ({"speed": 0.25, "gain": -6}, {"speed": 0.25, "gain_db": -6.0}),
        ({"start_time": 1, "end_time": 5, "duration": 4.0}, {"start_s": 1.0, "end_s": 5.0}),
        ({"speed": None, "gain": None, "duration": None}, {}),
    ],
)
def test_a_scene(film: str, scene: dict[str, Any], expected: dict[str, float]) -> None:
    (made,) = arguments.render({"scenes": [{"video_path": film, **scene}]}, FOLDER, "id").scenes
    assert made == Scene(made.uri, **expected)  # type: ignore[arg-type]


@given(st.data())
def test_what_a_client_sends_becomes_work_within_its_limits(data: st.DataObject) -> None:
    form = {argument.name: data.draw(values(argument)) for argument in output_format.FORMAT}
    try:
        work = arguments.transcode("/a.mp4", form, FOLDER, "id")
    except ArgumentError:
        return
    limits.check(work)


def values(argument: Argument) -> st.SearchStrategy[Any]:
    """What an argument may be, and what it may not."""
    allowed = st.sampled_from(argument.allowed) if argument.kind == "choice" else st.nothing()
    selectors = st.lists(st.from_regex(argument.allowed[0], fullmatch=True)) if argument.kind == "patterns" else allowed
    return st.none() | allowed | selectors | st.integers(-100, 10_000) | st.sampled_from(["5M", "96k", "x"])


def test_previews_and_captions_get_places_of_their_own(film: str) -> None:
    preview = arguments.preview(film, 10, FOLDER, "id")
    assert (preview.output_uri, preview.frames) == ("file:///renders/id", 10)
    caption = arguments.caption(film, {"model": "tiny", "language": "de", "engine": "faster-whisper"}, FOLDER, "id")
    assert caption == Caption(caption.uri, "file:///renders/id.srt", "tiny", "de", engine="faster-whisper")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"codec": "mpeg2"}, "codec: 'mpeg2' is none of h264"),
        ({"container": "avi"}, "container: 'avi' is none of"),
        ({"width": "wide"}, "width: 'wide' is not a number"),
        ({"width": -2}, "width: -2"),
        ({"width": True}, "width: True"),
        ({"height": 1.5}, "height: 1.5"),
        ({"bitrate": "fast"}, "bitrate: 'fast'"),
        ({"bitrate": "5M; rm"}, "bitrate"),
        ({"width": float("inf")}, "width: inf is not a number"),
        ({"height": float("nan")}, "height: nan is not a number"),
        ({"width": 10**400}, "is not a number"),
        ({"crf": 52}, "crf: 52 is more than 51, the highest of h264"),
        ({"codec": "h265", "crf": 52}, "crf: 52 is more than 51, the highest of h265"),
        ({"codec": "vp9", "crf": 64}, "crf: 64 is not from 0 to 63"),
        ({"crf": 20, "bitrate": "5M"}, "set crf or bitrate, not both"),
        ({"codec": "h264", "container": "webm"}, "webm holds vp9 or av1: set codec, or choose mp4 or mkv"),
        ({"codec": "h265", "container": "webm"}, "webm holds vp9 or av1"),
        ({"container": "webm", "audio_codec": "aac"}, "webm holds opus: leave audio_codec out"),
        ({"codec": "av1", "pixel_format": "yuv444p"}, "av1 is encoded as yuv420p or yuv420p10le"),
        ({"codec": "copy", "height": 90}, "codec copy changes nothing: leave out width"),
        ({"pixel_format": "rgb24"}, "pixel_format: 'rgb24' is none of yuv420p"),
        ({"audio_codec": "ac3"}, "audio_codec: 'ac3' is none of aac"),
        ({"audio_bitrate": "loud"}, "audio_bitrate: 'loud' is not a bit rate"),
        ({"bitrate": "0.5k"}, "bitrate: '0.5k' is not a bit rate such as 800k or 5M, at least 1k"),
        ({"bitrate": 999}, "bitrate: 999 is not a bit rate"),
        ({"heigth": 90}, "output_format: 'heigth' is not known: height is"),
        ({"codecc": "vp9"}, "output_format: 'codecc' is not known: codec is"),
        ({"fit": "Tile"}, "fit: 'Tile' is none of Pad, Crop, Stretch, Blur"),
        ({"loudness": -8}, "loudness: -8 is not from -31 to -9"),
        ({"loudness": "-16"}, "loudness: '-16' is not a number"),
        ({"loudness": -16, "audio_codec": "copy"}, "loudness changes the sound: choose an audio_codec"),
        ({"loudness": -16, "audio_codec": "none"}, "loudness changes the sound: choose an audio_codec"),
        ({"audio_streams": "all"}, "audio_streams: 'all' is not a list of at most 16"),
        ({"audio_streams": [0] * 17}, "audio_streams: .* is not a list of at most 16"),
        ({"audio_streams": ["0:a"]}, "audio_streams: '0:a' is not a selector of streams"),
        ({"audio_streams": [True]}, "audio_streams: True is not a selector of streams"),
        ({"subtitle_streams": [-1]}, "subtitle_streams: -1 is not a selector of streams"),
        ({"audio_stream": [0]}, "'audio_stream' is not known: audio_streams is"),
        ({"container": "mp3", "height": 90}, "mp3 holds sound alone: leave out codec, width, height"),
        ({"container": "m4a", "codec": "copy"}, "m4a holds sound alone: leave out codec, width, height"),
        ({"container": "opus", "subtitle_streams": ["all"]}, "opus holds sound alone: leave out subtitle_streams"),
        ({"container": "flac", "audio_codec": "none"}, "flac holds sound alone: leave out audio_codec none"),
        ({"container": "wav", "audio_codec": "aac"}, "wav holds pcm: leave audio_codec out"),
        ({"audio_codec": "pcm"}, "mp4 holds aac or opus or mp3 or flac: leave audio_codec out"),
        ({"bitRate": "5M"}, "output_format: 'bitRate' is not known: bitrate is"),
        ("h264", "output_format: 'h264' is not a mapping"),
    ],
)
def test_a_format_that_cannot_be_is_named(film: str, form: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        arguments.transcode(film, form, FOLDER, "id")


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("x", "job_data: 'x' is not a mapping"),
        ({"scenes": [{"video_path": "/"}], "output_format": {"codec": "copy"}}, "codec: a render encodes"),
        ({"scenes": [{"video_path": "/"}], "output_format": {"audio_codec": "copy"}}, "audio_codec: a render joins"),
        (
            {"scenes": [{"video_path": "/"}] * 51, "transitions": True},
            "transitions: at most 50 scenes can have them, 51 are given",
        ),
        ({"scenes": [{"video_path": "/"}], "output_format": {"container": "mp3"}}, "container: 'mp3' is none of mp4"),
        (
            {"scenes": [{"video_path": "/"}], "output_format": {"audio_streams": ["all"]}},
            "audio_streams: a render takes",
        ),
        ({"scenes": [{"video_path": "/"}], "output_format": {"subtitle_streams": [0]}}, "subtitle_streams: a render"),
        ({"scenes": [{"video_path": "/", "duration": 0}]}, r"scenes\[0\]\.duration: 0.0 is no time"),
        ({"scenes": [{"video_path": "/", "duration": -1}]}, r"scenes\[0\]\.duration: -1 is not from 0"),
        (
            {"scenes": [{"video_path": "/", "end_time": 5, "duration": 4}]},
            r"scenes\[0\]\.duration: 4.0 is not end_time less start_time: give one of them",
        ),
        ({"scenes": [{"video_path": "/", "speed": 0.2}]}, r"scenes\[0\]\.speed: 0.2 is not from 0.25 to 4"),
        ({"scenes": [{"video_path": "/", "speed": "2"}]}, r"scenes\[0\]\.speed: '2' is not a number"),
        ({"scenes": [{"video_path": "/", "gain": 21}]}, r"scenes\[0\]\.gain: 21 is not from -60 to 20"),
        ({"scenes": [{"video_path": "/", "gain": "-6dB"}]}, r"scenes\[0\]\.gain: '-6dB' is not a number"),
        ({}, "scenes"),
        ({"scenes": []}, "scenes"),
        ({"scenes": "x"}, "scenes"),
        ({"scenes": ["x"]}, r"scenes\[0\]"),
        ({"scenes": [{"video_path": "relative.mp4"}]}, "'relative.mp4' is not an absolute path"),
        ({"scenes": [{}]}, "video_path: None"),
        ({"scenes": [{"start_time": 5, "end_time": 5}]}, r"scenes\[0\]\.end_time: 5.0 must be after start_time 5.0"),
        ({"scenes": [{"start_time": "0"}]}, r"scenes\[0\]\.start_time: '0'"),
        ({"scenes": [{"video_path": "/", "end_tme": 1}]}, r"scenes\[0\]: 'end_tme' is not known: end_time is"),
        ({"scenes": [{"video_path": "/", "start": 1}]}, r"scenes\[0\]: 'start' is not known: start_time is"),
        ({"scenes": [{"video_path": "/"}, {"video_path": "x"}]}, r"scenes\[1\]\.video_path: 'x' is not an absolute"),
        ({"scenes": [{"video_path": "/"}] * 2, "transitions": "false"}, "transitions: 'false' is not true or false"),
        ({"scenes": [{"video_path": "/"}], "transition": True}, "'transition' is not known: transitions is"),
        ({"scenes": [{"video_path": "/"}], "use_gpu": "no"}, "use_gpu: 'no' is not true or false"),
        ({"scenes": [{"video_path": "/"}], "subtitles": "s.srt"}, "subtitles: 's.srt' is not an absolute path"),
    ],
)
def test_a_render_that_cannot_be_is_named(job: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        arguments.render(job, FOLDER, "id")


@pytest.mark.parametrize("frames", [0, 1001, "10", True, 2.5])
def test_a_number_of_frames_that_cannot_be(film: str, frames: Any) -> None:
    with pytest.raises(ArgumentError, match="num_frames"):
        arguments.preview(film, frames, FOLDER, "id")


def test_what_clients_send_besides_is_no_slip(film: str) -> None:
    scene = {"video_path": film, "video_hash": "a", "video_date": "b", "render_time": 1, "label": "c"}
    job = {"scenes": [scene], "output_format": {"quality": "high", "video_bitrate": 1, "format": "x"}, "project": 7}
    assert arguments.render(job, FOLDER, "id").output.video == VideoSettings()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"model": "huge"}, "model: 'huge' is none of tiny, base"),
        ({"language": "English"}, "language: 'English' is not an ISO 639 code"),
        ({"engine": "dragon"}, "engine: 'dragon' is none of openai-whisper, faster-whisper"),
    ],
)
def test_caption_options_are_refused_by_name(film: str, options: dict[str, str], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        arguments.caption(film, options, FOLDER, "id")
