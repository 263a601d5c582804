"""The fields of timelines, streams and containers: each in a spec that is accepted, and refused where it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.admission import OUT, A, Spec, caption, create, render, scene, transcode
from tests.support.control_plane import ControlPlane
from videojobs_operator.api.crds import videojob_crd
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core import work
from videojobs_operator.core.validation import check
from videojobs_protocol.work import from_dict, to_dict

LOGO = {"uri": "file:///media/logo.png"}
SELECTOR = (
    "must be all, default, the number of a stream (0 is the first), or a language by its ISO 639 code, such as eng"
)
ONE_SELECTOR = "must be one stream: default, its number (0 is the first), or a language, such as eng"
GAIN = "must be a gain from -60dB to 20dB, such as -6dB"
SPEED = "must be a number from 0.25 to 4, such as 2 or '0.5'"
LINE = "must be one line, without control characters"
NEEDS_ENCODING = "loudness changes the sound: choose a codec instead of copy and none, or leave loudness out"
NO_PICTURE = "m4a, mp3, opus, flac and wav hold sound alone: leave {} out, or choose mp4, webm or mkv"


def cut(**more: Any) -> Spec:
    """A render with such a scene, the second."""
    return render(scene(), {"source": {"uri": A}, **more})


def overlay(**more: Any) -> Spec:
    return render(overlays=[{"source": LOGO, **more}])


def title(**more: Any) -> Spec:
    return render(titles=[{"text": "Hello", **more}])


def music(**more: Any) -> Spec:
    return render(music={"source": {"uri": "file:///media/song.mp3"}, **more})


def output(**more: Any) -> Spec:
    """A render with such an output."""
    return render(output={"uri": OUT, **more})


def sound(uri: str = OUT, **audio: Any) -> Spec:
    return transcode(uri, audio=audio)


#: Spec, the field, what is wrong with it
REFUSED: list[tuple[Spec, str, str]] = [
    (cut(end="5s", duration="5s"), "render.scenes[1]", "set end or duration, not both"),
    (cut(duration="0s"), "render.scenes[1]", "duration must be longer than 0s"),
    (cut(speed=0), "render.scenes[1].speed", f"0: {SPEED}"),
    (cut(speed=5), "render.scenes[1].speed", f"5: {SPEED}"),
    (cut(speed="0.2"), "render.scenes[1].speed", f'"0.2": {SPEED}'),
    (cut(speed="4.1"), "render.scenes[1].speed", f'"4.1": {SPEED}'),
    (cut(speed="fast"), "render.scenes[1].speed", f'"fast": {SPEED}'),
    (cut(speed="1e1"), "render.scenes[1].speed", f'"1e1": {SPEED}'),
    (cut(audio={"gain": "-6"}), "render.scenes[1].audio.gain", f'"-6": {GAIN}'),
    (cut(audio={"gain": "-61dB"}), "render.scenes[1].audio.gain", f'"-61dB": {GAIN}'),
    (cut(audio={"gain": "20.5dB"}), "render.scenes[1].audio.gain", f'"20.5dB": {GAIN}'),
    (cut(audio={"stream": "all"}), "render.scenes[1].audio.stream", f'"all": {ONE_SELECTOR}'),
    (cut(audio={"stream": -1}), "render.scenes[1].audio.stream", f"-1: {ONE_SELECTOR}"),
    (cut(audio={"stream": "0:a"}), "render.scenes[1].audio.stream", f'"0:a": {ONE_SELECTOR}'),
    (
        cut(transition={"type": "spin"}),
        "render.scenes[1].transition.type",
        '"spin": supported values: "fade", "dissolve", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", '
        '"slideright", "slideup", "slidedown", "none"',
    ),
    (
        render(scene() | {"transition": {"type": "fade"}}, scene()),
        "render",
        "scenes[0].transition blends with the scene before, and there is none: leave it out",
    ),
    (render(transition={"type": "none"}), "render.transition.type", '"none": supported values: "fade", '),
    (cut(chapter="One\nTwo"), "render.scenes[1].chapter", f'"One\\nTwo": {LINE}'),
    (cut(chapter="a" * 201), "render.scenes[1].chapter", "may not be more than 200 bytes"),
    (cut(chapter=""), "render.scenes[1].chapter", "should be at least 1 chars long"),
    (render(overlays=[{"source": LOGO}] * 21), "render.overlays", "21: must have at most 20 items"),
    (render(overlays=[{}]), "render.overlays[0].source", "Required value"),
    (overlay(source={"uri": "/logo.png"}), "render.overlays[0].source.uri", "must be file:///ABSOLUTE/PATH"),
    (overlay(position="Middle"), "render.overlays[0].position", '"Middle": supported values: "TopLeft", "Top", '),
    (overlay(margin=-1), "render.overlays[0].margin", "should be greater than or equal to 0"),
    (overlay(margin=4097), "render.overlays[0].margin", "should be less than or equal to 4096"),
    (overlay(width=101), "render.overlays[0].width", "should be a multiple of 2"),
    (overlay(width=0), "render.overlays[0].width", "should be greater than or equal to 16"),
    (overlay(width=8194), "render.overlays[0].width", "should be less than or equal to 8192"),
    (overlay(opacity=0), "render.overlays[0].opacity", "should be greater than or equal to 1"),
    (overlay(opacity=101), "render.overlays[0].opacity", "should be less than or equal to 100"),
    (overlay(start="5s", end="5s"), "render.overlays[0]", "end must be after start"),
    (overlay(end="0s"), "render.overlays[0]", "end must be after start"),
    (overlay(start="00:01"), "render.overlays[0].start", '"00:01": spec.render.overlays[0].start in body should match'),
    (render(titles=[{"text": "a"}] * 51), "render.titles", "51: must have at most 50 items"),
    (render(titles=[{}]), "render.titles[0].text", "Required value"),
    (title(text="a\tb"), "render.titles[0].text", '"a\\tb": must hold no control characters but line breaks'),
    (title(text="a" * 501), "render.titles[0].text", "may not be more than 500 bytes"),
    (title(text=""), "render.titles[0].text", "should be at least 1 chars long"),
    (title(font="Sans:size=9"), "render.titles[0].font", "should match"),
    (title(font=""), "render.titles[0].font", "should match"),
    (title(font="a" * 65), "render.titles[0].font", "may not be more than 64 bytes"),
    (title(size=7), "render.titles[0].size", "should be greater than or equal to 8"),
    (title(size=1001), "render.titles[0].size", "should be less than or equal to 1000"),
    (title(color="red"), "render.titles[0].color", "should match"),
    (title(color="#ffcc0"), "render.titles[0].color", "should match"),
    (title(position="x=10"), "render.titles[0].position", '"x=10": supported values: "TopLeft", "Top", '),
    (title(margin=-1), "render.titles[0].margin", "should be greater than or equal to 0"),
    (title(start="2s", end="1s"), "render.titles[0]", "end must be after start"),
    (render(music={}), "render.music.source", "Required value"),
    (music(gain="loud"), "render.music.gain", f'"loud": {GAIN}'),
    (music(ducking="6dB"), "render.music.ducking", '"6dB": must lower the music: write -10dB'),
    (music(ducking="on"), "render.music.ducking", f'"on": {GAIN}'),
    (music(loop="no"), "render.music.loop", "must be of type boolean"),
    (music(fadeOut="2h"), "render.music", "fadeOut must not be longer than 1h"),
    (music(fadeOut="slow"), "render.music.fadeOut", "should match"),
    (render(damage="Hide"), "render.damage", '"Hide": supported values: "Tolerate", "Fail"'),
    (output(metadata={"title": "a\nb"}), "render.output.metadata.title", f'"a\\nb": {LINE}'),
    (output(metadata={"title": "a" * 201}), "render.output.metadata.title", "may not be more than 200 bytes"),
    (
        output(video={"fit": "Tile"}),
        "render.output.video.fit",
        '"Tile": supported values: "Pad", "Crop", "Stretch", "Blur"',
    ),
    (output(audio={"loudness": {"target": -16}, "codec": "none"}), "render.output.audio", NEEDS_ENCODING),
    (output(audio={"codec": "pcm"}), "render.output", "mp4 holds aac, opus, mp3 or flac: leave audio.codec out"),
    (output(container="m4a"), "render.output.container", '"m4a": supported values: "mp4", "webm", "mkv"'),
    (
        render(uri="file:///media/out.mp3"),
        "render.output",
        "give container, or a uri that ends in .mp4, .webm or .mkv",
    ),
    (transcode(video={"fit": "Tile"}), "transcode.outputs[0].video.fit", '"Tile": supported values: "Pad", '),
    (transcode() | {"transcode": {**transcode()["transcode"], "damage": "x"}}, "transcode.damage", '"x": supported'),
    (sound(loudness={"target": -8}), "transcode.outputs[0].audio.loudness.target", "less than or equal to -9"),
    (sound(loudness={"target": -32}), "transcode.outputs[0].audio.loudness.target", "greater than or equal to -31"),
    (sound(loudness={"target": -16}, codec="copy"), "transcode.outputs[0].audio", NEEDS_ENCODING),
    (sound(streams=[]), "transcode.outputs[0].audio.streams", "should have at least 1 items"),
    (sound(streams=[0] * 17), "transcode.outputs[0].audio.streams", "17: must have at most 16 items"),
    (sound(streams=["English"]), "transcode.outputs[0].audio.streams[0]", f'"English": {SELECTOR}'),
    (sound(streams=["en", "a:0"]), "transcode.outputs[0].audio.streams[1]", f'"a:0": {SELECTOR}'),
    (sound(streams=[1000]), "transcode.outputs[0].audio.streams[0]", f"1000: {SELECTOR}"),
    (sound(streams=[-1]), "transcode.outputs[0].audio.streams[0]", f"-1: {SELECTOR}"),
    (transcode(subtitles={}), "transcode.outputs[0].subtitles.streams", "Required value"),
    (transcode(subtitles={"streams": ["?"]}), "transcode.outputs[0].subtitles.streams[0]", f'"?": {SELECTOR}'),
    (transcode("file:///media/out.mp3", video={}), "transcode.outputs[0]", NO_PICTURE.format("video")),
    (transcode("file:///media/out", container="wav", video={}), "transcode.outputs[0]", NO_PICTURE.format("video")),
    (
        transcode("file:///media/out.opus", subtitles={"streams": ["all"]}),
        "transcode.outputs[0]",
        NO_PICTURE.format("subtitles"),
    ),
    (sound("file:///media/out.m4a", codec="opus"), "transcode.outputs[0]", "m4a holds aac: leave audio.codec out"),
    (sound("file:///media/out.mp3", codec="none"), "transcode.outputs[0]", "mp3 holds mp3: leave audio.codec out"),
    (sound("file:///media/out.opus", codec="aac"), "transcode.outputs[0]", "opus holds opus: leave audio.codec out"),
    (sound("file:///media/out.flac", codec="pcm"), "transcode.outputs[0]", "flac holds flac: leave audio.codec out"),
    (sound("file:///media/out.wav", codec="flac"), "transcode.outputs[0]", "wav holds pcm: leave audio.codec out"),
    (sound(codec="pcm"), "transcode.outputs[0]", "mp4 holds aac, opus, mp3 or flac: leave audio.codec out"),
    (
        transcode("file:///media/out.webm", video={"codec": "vp9"}, audio={"codec": "flac"}),
        "transcode.outputs[0]",
        "webm holds opus: leave audio.codec out",
    ),
    (caption(audioStream="all"), "caption.audioStream", f'"all": {ONE_SELECTOR}'),
    (caption(audioStream="English"), "caption.audioStream", f'"English": {ONE_SELECTOR}'),
]

FULL_SCENE = {
    "source": {"uri": A},
    "start": "1s",
    "duration": "10s",
    "speed": "1.25",
    "audio": {"gain": "-6.5dB", "stream": "eng"},
    "transition": {"type": "wipeleft", "duration": "1s"},
    "chapter": "Kapitel «2» 第二章",
}
LONG_SCENE = FULL_SCENE | {"source": {"uri": A + "a" * 800}, "chapter": "字" * 200, "transition": {"type": "none"}}
FULL_RENDER = render(
    scene(),
    FULL_SCENE,
    transition={"type": "fade", "duration": "1s"},
    overlays=[
        {"source": LOGO, "position": "TopLeft", "margin": 8, "width": 64, "opacity": 50, "start": "1s", "end": "2s"}
    ],
    titles=[
        {
            "text": "Hello\nworld \\N %{x}",
            "font": "Noto Sans CJK",
            "size": 8,
            "color": "#00FFcc",
            "position": "Center",
            "margin": 0,
            "start": "500ms",
            "end": "2s",
        }
    ],
    music={
        "source": {"uri": "s3://bucket/song.mp3"},
        "gain": "+3dB",
        "ducking": "-12dB",
        "loop": False,
        "fadeOut": "1h",
    },
    subtitles={"uri": "file:///media/s.srt", "mode": "Soft"},
    damage="Fail",
    output={
        "uri": OUT,
        "container": "mp4",
        "video": {
            "codec": "h265",
            "width": 640,
            "height": 360,
            "fit": "Crop",
            "fps": 25,
            "crf": 20,
            "pixelFormat": "yuv420p",
        },
        "audio": {"codec": "flac", "loudness": {"target": -31}},
        "metadata": {"title": "Trailer"},
    },
)
ACCEPTED: dict[str, Spec] = {
    "render with every field": FULL_RENDER,
    "render by bit rate": output(video={"bitrate": "5M"}, audio={"bitrate": "128k", "loudness": {"target": -9}}),
    "whole speed": cut(speed=4),
    "slowest": cut(speed="0.25"),
    "loudest": cut(audio={"gain": "20.0dB"}),
    "softest": cut(audio={"gain": "-60dB"}),
    "stream by number": cut(audio={"stream": 0}),
    "stream by number in quotes": cut(audio={"stream": "0"}),
    "default stream": cut(audio={"stream": "default"}),
    "usual loudness": sound(loudness={}),
    "hard cut": cut(transition={"type": "none"}),
    "blend of usual length": cut(transition={"type": "fade"}),
    "longest title": title(text="字" * 500, font="a" * 64),
    "music as it is": music(),
    "ducking off": music(ducking="0dB"),
    "overlay as it is": overlay(),
    "no overlays": render(overlays=[], titles=[]),
    "pcm in mkv": render(
        uri="file:///media/out.mkv", output={"uri": "file:///media/out.mkv", "audio": {"codec": "pcm"}}
    ),
    "transcode with every field": {
        "transcode": {
            "source": {"uri": A},
            "damage": "Fail",
            "outputs": [
                {
                    "uri": "file:///media/out",
                    "container": "mkv",
                    "video": {
                        "codec": "h264",
                        "width": 640,
                        "height": 360,
                        "fit": "Stretch",
                        "fps": "30000/1001",
                        "bitrate": "5M",
                        "pixelFormat": "yuv444p",
                    },
                    "audio": {
                        "codec": "aac",
                        "bitrate": "96k",
                        "loudness": {"target": -16},
                        "streams": ["default", 0, "1", "en", "deu"],
                    },
                    "subtitles": {"streams": ["all"]},
                }
            ],
        }
    },
    "quality": transcode(video={"crf": 30}),
    "blurred bars of a transcode": transcode(video={"fit": "Blur"}),
    "blurred bars of a render": output(video={"fit": "Blur"}),
    "copies of all streams": transcode(
        video={"codec": "copy"}, audio={"codec": "copy", "streams": ["all"]}, subtitles={"streams": ["all"]}
    ),
    **{
        f"{name} by its ending": transcode(f"file:///media/out.{name}")
        for name in ("m4a", "mp3", "opus", "flac", "wav")
    },
    **{
        f"{name} by its name": transcode("s3://b/out", container=name) for name in ("m4a", "mp3", "opus", "flac", "wav")
    },
    "copied into m4a": sound("file:///media/out.m4a", codec="copy"),
    "named for sound, but mp4": transcode("file:///media/out.mp3", container="mp4", video={}),
    "caption with every field": caption(
        engine="faster-whisper",
        model="tiny",
        language="de",
        translate=True,
        audioStream=1,
        output={"uri": "file:///media/a.vtt", "format": "vtt", "wordTimestamps": True},
    ),
    # Hard cuts: no worker blends so many.
    "1,000 full scenes": render(scene(), *[LONG_SCENE] * 999),
}


@pytest.mark.parametrize(("spec", "field", "problem"), REFUSED, ids=[f"{row[1]}-{row[2]:.40}" for row in REFUSED])
def test_refused_with_field_and_reason(control_plane: ControlPlane, spec: Spec, field: str, problem: str) -> None:
    answer = create(control_plane, spec)
    assert answer.startswith(f"spec.{field}: ")
    assert problem in answer


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(control_plane: ControlPlane, name: str) -> None:
    assert create(control_plane, ACCEPTED[name]) == ""


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_is_work_that_workers_read(name: str) -> None:
    spec = VideoJobSpec.model_validate(ACCEPTED[name])
    check(spec)
    piece = work.work_of(spec)
    assert from_dict(json.loads(json.dumps(to_dict(piece)))) == piece


def given(value: object, path: str = "") -> Iterator[str]:
    """The fields that stand in a spec."""
    match value:
        case dict():
            for name, inner in value.items():
                yield f"{path}.{name}"
                yield from given(inner, f"{path}.{name}")
        case list():
            for inner in value:
                yield from given(inner, f"{path}[]")


def known(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The fields that a schema has."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from known(inner, f"{path}.{name}")
    if "items" in schema:
        yield from known(schema["items"], f"{path}[]")


@pytest.mark.parametrize("kind", ["render", "transcode", "caption"])
def test_every_field_of_a_kind_is_among_the_accepted(kind: str) -> None:
    schema = videojob_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    shown = {field for spec in ACCEPTED.values() for field in given(spec.get(kind, {}))}
    assert set(known(schema["properties"][kind])) == shown
