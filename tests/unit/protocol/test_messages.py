"""Every message survives the wire, and a newer side's extra fields are no error."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_protocol import work
from videojobs_protocol.attempt import Attempt, task_id
from videojobs_protocol.heartbeat import Heartbeat
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity

WORKS = [
    work.Render(
        scenes=(work.Scene("file:///media/a.mp4", 0.0, 10.0), work.Scene("file:///media/b.mp4", 5.5)),
        output=work.MediaOutput("file:///media/o.mp4", video=work.VideoSettings(width=640, fps=29.97)),
        transition=work.Transition("fade", 0.5),
        subtitles=work.Subtitles("file:///media/s.srt", "Soft"),
    ),
    work.Render(
        scenes=(
            work.Scene("file:///media/logo.png", duration_s=3.0, chapter="Intro"),
            work.Scene(
                "file:///media/b.mp4",
                5.5,
                speed=2.0,
                gain_db=-6.0,
                audio_stream="eng",
                transition=work.Transition("none"),
            ),
        ),
        output=work.MediaOutput("file:///media/o.mp4", audio=work.AudioSettings(loudness_lufs=-16), title="Trailer"),
        overlays=(work.Overlay("file:///media/logo.png", "TopLeft", width=64, opacity=50, end_s=2.0),),
        titles=(work.Title("Hello\nworld", color="#ff0000"),),
        music=work.Music("file:///media/song.mp3", -12.0, -6.0, fade_out_s=2.0),
        damage="Fail",
    ),
    work.Preview("file:///media/a.mp4", "file:///media/frames", times_s=(0.0, 1.25), width=320),
    work.Transcode(
        "file:///media/a.mp4",
        (
            work.MediaOutput("file:///media/o.webm", "webm", work.VideoSettings("vp9")),
            work.MediaOutput("file:///media/o.mp4", audio=work.AudioSettings("aac", 128_000)),
            work.MediaOutput(
                "file:///media/o.mkv", audio=work.AudioSettings(streams=("all",)), subtitle_streams=("eng", "0")
            ),
            work.MediaOutput("file:///media/o.flac"),
        ),
    ),
    work.Caption("file:///media/a.mp4", "file:///media/o.vtt", "tiny", "de", True, "vtt", "faster-whisper", True),
]


BLEND = {"type": "fade:x", "duration_s": 1}
BLENDED = {"kind": "render", "scenes": [{"uri": "a"}], "output": {"uri": "b"}, "transition": BLEND}


@pytest.mark.parametrize("piece", WORKS)
def test_an_attempt_survives_the_wire(piece: work.Work) -> None:
    attempt = Attempt("uid", "default", "trailer", 2, piece, gpu="Required", deadline=12.5)
    assert Attempt.from_dict(json.loads(json.dumps(attempt.to_dict()))) == attempt
    assert attempt.task_id == task_id("uid", 2) == "uid-2"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("titles", [{"text": "a\x00b"}], "text: "),
        ("titles", [{"text": ""}], "text: "),
        ("titles", [{"text": "a", "font": "Sans:size=9"}], "font: 'Sans:size=9'"),
        ("titles", [{"text": "a", "color": "red"}], "color: 'red'"),
        ("titles", [{"text": "a", "size": 1e9}], "size: 1000000000.0 is not from 8 to 1000"),
        ("titles", [{"text": "a"}] * 51, "titles: 51 are given, 50 at most"),
        ("overlays", [{"uri": "a", "position": "x=0"}], "position: 'x=0' is none of"),
        ("overlays", [{"uri": "a", "opacity": 0}], "opacity: 0 is not from 1 to 100"),
        ("music", {"uri": "a", "gain_db": [1]}, "gain_db: "),
        ("damage", "Hide", "damage: 'Hide' is none of"),
        ("scenes", [{"uri": "a", "speed": float("inf")}], "speed: inf is not from 0.25 to 4"),
        ("scenes", [{"uri": "a", "speed": float("nan")}], "speed: nan is not from 0.25 to 4"),
        ("scenes", [{"uri": "a", "audio_stream": "0:a"}], "audio_stream: '0:a'"),
        ("scenes", [{"uri": "a", "audio_stream": "all"}], "audio_stream: 'all'"),
        ("scenes", [{"uri": "a", "chapter": "a\nb"}], "chapter: "),
        ("output", {"uri": "b", "audio": {"streams": ["-1"]}}, "streams: '-1'"),
        ("output", {"uri": "b", "video": {"fit": "Tile"}}, "fit: 'Tile' is none of Pad, Crop, Stretch"),
        ("output", {"uri": "b", "title": "x" * 201}, "title: "),
    ],
)
def test_a_value_that_no_api_server_lets_through_is_refused(field: str, value: object, problem: str) -> None:
    data = {"kind": "render", "scenes": [{"uri": "a"}], "output": {"uri": "b"}, field: value}
    with pytest.raises(ValueError, match=re.escape(problem)):
        work.from_dict(data)


def test_a_newer_operators_attempt_is_read() -> None:
    attempt = Attempt("uid", "default", "trailer", 2, WORKS[2])
    assert Attempt.from_dict({**attempt.to_dict(), "colour": "red"}) == attempt
    with pytest.raises(ValueError, match=r"not an attempt.*name"):
        Attempt.from_dict({"job_uid": "uid", "number": 1, "namespace": "default", "work": work.to_dict(WORKS[2])})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "unknown kind of work None"),
        ({"kind": "sing"}, "unknown kind of work 'sing'"),
        ({"kind": "caption"}, "not a caption work"),
        ({"kind": "transcode", "uri": "file:///a"}, "not a transcode work: 'outputs'"),
        ({"kind": "preview", "uri": "a", "output_uri": "b", "colour": 1}, "colour"),
        (
            {"kind": "preview", "uri": "a", "output_uri": "b", "format": "gif"},
            "format: 'gif' is none of jpg",
        ),
        ({"kind": "caption", "uri": "a", "output_uri": "b", "engine": "dragon"}, "engine: 'dragon' is none of"),
        (BLENDED, "type: 'fade:x' is none of fade, dissolve"),
        ({"kind": "transcode", "uri": "a", "outputs": [{"uri": "b", "video": {"codec": "-i"}}]}, "codec: '-i' is none"),
    ],
)
def test_what_is_no_work_is_refused_in_words(data: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        work.from_dict(data)


numbers = st.floats(0, 1e9, allow_nan=False)
statuses = st.builds(
    TaskStatus,
    task_id=st.text(min_size=1),
    status=st.sampled_from(["queued", "running", "retrying", "completed", "failed"]),
    progress=st.floats(0, 100),
    message=st.text(),
    speed=st.none() | numbers,
    eta_s=st.none() | numbers,
    worker=st.none() | st.builds(WorkerIdentity, hostname=st.text()),
    outputs=st.lists(st.builds(Output, uri=st.text(), bytes=st.integers(0), sha256=st.text())).map(tuple),
    failure=st.none()
    | st.builds(Failure, reason=st.text(), message=st.text(), retryable=st.booleans(), log_tail=st.text()),
)


@given(statuses)
def test_a_status_survives_the_wire(status: TaskStatus) -> None:
    assert TaskStatus.from_json(status.to_json()) == status
    assert status.final == (status.status in {"completed", "failed"})


def test_a_newer_workers_status_is_read() -> None:
    text = json.dumps({"task_id": "a", "status": "running", "outputs": [], "colour": "red"})
    assert TaskStatus.from_json(text) == TaskStatus("a", "running")


@pytest.mark.parametrize("text", ["[]", '"x"', "{}", "not json"])
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a task status|Expecting value"):
        TaskStatus.from_json(text)


def test_a_heartbeat_survives_the_wire() -> None:
    beat = Heartbeat("worker@a", queues=("render_queue",), running=("t",), capabilities=("cuda",))
    assert Heartbeat.from_json(beat.to_json()) == beat
    with pytest.raises(ValueError, match="not a heartbeat"):
        Heartbeat.from_json("{}")
