"""Every message survives the wire, and a newer side's extra fields are no error."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videojobs_protocol import work
from videojobs_protocol.attempt import Attempt, task_id
from videojobs_protocol.heartbeat import Heartbeat
from videojobs_protocol.limits import LIMITS, Limit
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
    attempt = Attempt("uid", "default", "trailer", 2, piece, gpu="Required", timeout_s=12.5)
    assert Attempt.from_dict(json.loads(json.dumps(attempt.to_dict()))) == attempt
    assert attempt.task_id == task_id("uid", 2) == "uid-2"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("titles", [{"text": "a\x00b"}], "text: "),
        ("titles", [{"text": "\ud800"}], "titles[0].text: '\\ud800' is not Unicode text"),
        ("titles", {"text": "a"}, "titles: {'text': 'a'} is not a list"),
        ("titles", "a", "titles: 'a' is not a list"),
        ("titles", ["a"], "titles[0]: 'a' is not an object"),
        ("titles", [{"text": "a", "size": "9"}], "titles[0].size: '9' is no int"),
        ("titles", [{"text": "a", "size": True}], "titles[0].size: True is no int"),
        ("titles", [{"text": "a", "x": 1}], "titles[0].x: is unknown"),
        ("titles", [{}], "titles[0].text: is missing"),
        ("scenes", [], "scenes: has 0 entries, and not from 1 to 1000"),
        ("scenes", [{"uri": "a", "start_s": 10**400}], "scenes[0].start_s: a number of 1329 bits is too large"),
        ("scenes", [{"uri": "a", "start_s": -1}], "scenes[0].start_s: -1.0 is not from 0"),
        ("output", [], "output: [] is not an object"),
        ("output", {"uri": "b", "video": {"width": "1:x"}}, "output.video.width: '1:x' is no int"),
        ("titles", [{"text": ""}], "text: "),
        ("titles", [{"text": "a", "font": "Sans:size=9"}], "font: 'Sans:size=9'"),
        ("titles", [{"text": "a", "color": "red"}], "color: 'red'"),
        ("titles", [{"text": "a", "size": 10**9}], "size: 1000000000 is not from 8 to 1000"),
        ("titles", [{"text": "a"}] * 51, "titles: has 51 entries, and not from 0 to 50"),
        ("overlays", [{"uri": "a", "position": "x=0"}], "position: 'x=0' is none of"),
        ("overlays", [{"uri": "a", "opacity": 0}], "opacity: 0 is not from 1 to 100"),
        ("music", {"uri": "a", "gain_db": [1]}, "gain_db: "),
        ("damage", "Hide", "damage: 'Hide' is none of"),
        ("scenes", [{"uri": "a", "speed": float("inf")}], "speed: inf is not from 0.25 to 4"),
        ("scenes", [{"uri": "a", "speed": float("nan")}], "speed: nan is not from 0.25 to 4"),
        ("scenes", [{"uri": "a", "audio_stream": "0:a"}], "audio_stream: '0:a'"),
        ("scenes", [{"uri": "a", "audio_stream": "all"}], "audio_stream: 'all'"),
        ("scenes", [{"uri": "a", "chapter": "a\nb"}], "chapter: "),
        ("output", {"uri": "b", "audio": {"streams": ["-1"]}}, "streams[0]: '-1'"),
        ("output", {"uri": "b", "video": {"fit": "Tile"}}, "fit: 'Tile' is none of Pad, Crop, Stretch, Blur"),
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
    with pytest.raises(ValueError, match="not an attempt: name: is missing"):
        Attempt.from_dict({"job_uid": "uid", "number": 1, "namespace": "default", "work": work.to_dict(WORKS[2])})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "unknown kind of work None"),
        ({"kind": "sing"}, "unknown kind of work 'sing'"),
        ({"kind": "caption"}, "not a caption work"),
        ({"kind": "transcode", "uri": "file:///a"}, "not a transcode work: outputs: is missing"),
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


def hinted(hint: Any, limit: Limit) -> st.SearchStrategy[Any]:
    """Values of a field's type within its limits."""
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return st.sampled_from(arguments)
    if get_origin(hint) is tuple:
        return st.lists(hinted(arguments[0], limit), min_size=limit.fewest, max_size=min(limit.size, 3)).map(tuple)
    if arguments:
        return st.none() | hinted(next(each for each in arguments if each is not type(None)), limit)
    if is_dataclass(hint):
        return pieces(hint)
    least, most = max(limit.least, -1e12), min(limit.most, 1e12)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(math.ceil(least), int(most)),
        float: st.floats(least, most, allow_nan=False),
        str: st.from_regex(limit.pattern, fullmatch=True).filter(lambda text: limit.fewest <= len(text) <= limit.size)
        if limit.pattern
        else st.text(st.characters(codec="utf-8")),
    }
    return plain[hint]


def pieces(cls: Any) -> st.SearchStrategy[Any]:
    """Dataclasses of any values that they may have."""
    hints = get_type_hints(cls)
    return st.builds(
        cls, **{name: hinted(hint, LIMITS.get((cls.__name__, name), Limit())) for name, hint in hints.items()}
    )


works = st.one_of(*map(pieces, get_args(work.Work)))


@settings(max_examples=50, deadline=None)
@given(works)
def test_any_work_survives_the_wire(piece: work.Work) -> None:
    assert work.from_dict(json.loads(json.dumps(work.to_dict(piece)))) == piece


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything within a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=500, deadline=None)
@given(st.data(), anything)
def test_no_message_brings_a_value_of_another_type_into_a_worker(data: st.DataObject, new: object) -> None:
    attempt = Attempt("uid", "default", "trailer", 2, data.draw(st.sampled_from(WORKS)))
    message = json.loads(json.dumps(attempt.to_dict()))
    hostile = replaced(message, data.draw(st.sampled_from(list(places(message)))), new)
    try:
        read = Attempt.from_dict(hostile)
    except ValueError:
        return
    assert_typed(read)


def assert_typed(value: Any) -> None:
    for name, hint in get_type_hints(type(value)).items():
        held = getattr(value, name)
        for one in held if isinstance(held, tuple) else (held,):
            if is_dataclass(one):
                assert_typed(one)
            else:
                assert type(one) in plain_types(hint)


def plain_types(hint: Any) -> set[type]:
    """The types that values of a type may have, within unions, lists and choices."""
    if get_origin(hint) is Literal:
        return {type(choice) for choice in get_args(hint)}
    return {each for part in get_args(hint) for each in plain_types(part)} or {hint}


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
