"""What the API server refuses, with the exact words that a user reads at ``kubectl apply``.

No operator runs here: schema and CEL rules alone must refuse these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.admission import (
    OUT,
    A,
    Spec,
    apply,
    caption,
    create,
    patch,
    preview,
    render,
    said,
    scene,
    transcode,
    video,
)
from tests.support.control_plane import ControlPlane

ROOT = Path(__file__).parents[2]


#: name, spec, the message
REFUSED: list[tuple[str, Spec, str]] = [
    ("no kind", {"priority": 5}, "spec: Invalid value: set exactly one of render, preview, transcode, caption"),
    (
        "two kinds",
        transcode() | preview(),
        "spec: Invalid value: set exactly one of render, preview, transcode, caption",
    ),
    (
        "unknown field",
        transcode() | {"colour": "red"},
        'VideoJob in version "v1alpha1" cannot be handled as a VideoJob: strict decoding error: unknown field "spec.colour"',
    ),
    (
        "unknown nested field",
        video(widht=640),
        'VideoJob in version "v1alpha1" cannot be handled as a VideoJob: strict decoding error: unknown field "spec.transcode.outputs[0].video.widht"',
    ),
    ("end before start", render(scene("10s", "5s")), "spec.render.scenes[0]: Invalid value: end must be after start"),
    ("end at start", render(scene("1m", "60s")), "spec.render.scenes[0]: Invalid value: end must be after start"),
    (
        "negative width",
        video(width=-2),
        "spec.transcode.outputs[0].video.width: Invalid value: -2: spec.transcode.outputs[0].video.width in body should be greater than or equal to 16",
    ),
    (
        "width 0",
        video(width=0),
        "spec.transcode.outputs[0].video.width: Invalid value: 0: spec.transcode.outputs[0].video.width in body should be greater than or equal to 16",
    ),
    (
        "absurd width",
        video(width=100000),
        "spec.transcode.outputs[0].video.width: Invalid value: 100000: spec.transcode.outputs[0].video.width in body should be less than or equal to 8192",
    ),
    (
        "odd height",
        video(height=721),
        "spec.transcode.outputs[0].video.height: Invalid value: 721: spec.transcode.outputs[0].video.height in body should be a multiple of 2",
    ),
    (
        "fps 0",
        video(fps=0),
        "spec.transcode.outputs[0].video.fps: Invalid value: 0: must be a number of frames a second from 1 to 240, or a ratio such as 30000/1001",
    ),
    (
        "fps 1000",
        video(fps=1000),
        "spec.transcode.outputs[0].video.fps: Invalid value: 1000: must be a number of frames a second from 1 to 240, or a ratio such as 30000/1001",
    ),
    (
        "fps in words",
        video(fps="fast"),
        'spec.transcode.outputs[0].video.fps: Invalid value: "fast": must be a number of frames a second from 1 to 240, or a ratio such as 30000/1001',
    ),
    (
        "fps fraction",
        video(fps=29.97),
        'spec.transcode.outputs[0].video.fps: Invalid value: "number": spec.transcode.outputs[0].video.fps in body must be of type integer,string: "number"',
    ),
    (
        "av1 in 4:4:4",
        video(codec="av1", pixelFormat="yuv444p"),
        "spec.transcode.outputs[0].video: Invalid value: av1 is encoded as yuv420p or yuv420p10le: choose one of them, or another codec",
    ),
    (
        "a render that copies",
        render(scene(), output={"uri": OUT, "video": {"codec": "copy"}}),
        'spec.render.output.video.codec: Unsupported value: "copy": supported values: "h264", "h265", "vp9", "av1"',
    ),
    (
        "a render that copies sound",
        render(scene(), output={"uri": OUT, "audio": {"codec": "copy"}}),
        'spec.render.output.audio.codec: Unsupported value: "copy": supported values: "aac", "opus", "mp3", "flac", "pcm", "none"',
    ),
    (
        "copy with a size",
        video(codec="copy", height=720),
        "spec.transcode.outputs[0].video: Invalid value: codec copy changes nothing: leave out width, height, fps, crf, bitrate and pixelFormat, or choose another codec",
    ),
    (
        "copy with a pixel format",
        video(codec="copy", pixelFormat="yuv422p"),
        "spec.transcode.outputs[0].video: Invalid value: codec copy changes nothing: leave out width, height, fps, crf, bitrate and pixelFormat, or choose another codec",
    ),
    (
        "h265 in webm",
        transcode("file:///media/out.webm", video={"codec": "h265"}),
        "spec.transcode.outputs[0]: Invalid value: webm holds vp9 or av1: set video.codec, or choose mp4 or mkv",
    ),
    (
        "crf and bitrate",
        video(crf=20, bitrate="5M"),
        "spec.transcode.outputs[0].video: Invalid value: set crf or bitrate, not both",
    ),
    (
        "bad bitrate",
        video(bitrate="5 megabits"),
        "spec.transcode.outputs[0].video.bitrate: Too long: may not be more than 7 bytes",
    ),
    (
        "crf of h264",
        video(crf=52),
        "spec.transcode.outputs[0].video: Invalid value: crf of h264 and h265 is at most 51: give less, or choose vp9 or av1",
    ),
    (
        "crf 64",
        video(codec="vp9", crf=64),
        "spec.transcode.outputs[0].video.crf: Invalid value: 64: spec.transcode.outputs[0].video.crf in body should be less than or equal to 63",
    ),
    (
        "unknown codec",
        video(codec="mpeg2"),
        'spec.transcode.outputs[0].video.codec: Unsupported value: "mpeg2": supported values: "h264", "h265", "vp9", "av1", "copy"',
    ),
    (
        "priority 11",
        transcode() | {"priority": 11},
        "spec.priority: Invalid value: 11: spec.priority in body should be less than or equal to 10",
    ),
    (
        "priority -1",
        transcode() | {"priority": -1},
        "spec.priority: Invalid value: -1: spec.priority in body should be greater than or equal to 0",
    ),
    (
        "bad duration",
        render(scene("ten seconds")),
        "spec.render.scenes[0].start: Invalid value: \"ten seconds\": spec.render.scenes[0].start in body should match '^([0-9]+([.][0-9]+)?(ms|s|m|h))+$'",
    ),
    (
        "negative duration",
        render(scene("-5s")),
        "spec.render.scenes[0].start: Invalid value: \"-5s\": spec.render.scenes[0].start in body should match '^([0-9]+([.][0-9]+)?(ms|s|m|h))+$'",
    ),
    (
        "bad transition duration",
        render(scene(), scene(), transition={"type": "fade", "duration": "1"}),
        "spec.render.transition.duration: Invalid value: \"1\": spec.render.transition.duration in body should match '^([0-9]+([.][0-9]+)?(ms|s|m|h))+$'",
    ),
    (
        "unknown transition",
        render(scene(), scene(), transition={"type": "explode"}),
        'spec.render.transition.type: Unsupported value: "explode": supported values: "fade", "dissolve", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright", "slideup", "slidedown"',
    ),
    (
        "ftp source",
        transcode(source="ftp://example.com/a.mp4"),
        'spec.transcode.source.uri: Invalid value: "ftp://example.com/a.mp4": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "s3 source without a key",
        transcode(source="s3://bucket/"),
        'spec.transcode.source.uri: Invalid value: "s3://bucket/": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "javascript source",
        transcode(source="javascript:alert(1)"),
        'spec.transcode.source.uri: Invalid value: "javascript:alert(1)": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "relative source",
        transcode(source="media/a.mp4"),
        'spec.transcode.source.uri: Invalid value: "media/a.mp4": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "password in a url",
        transcode(source="https://me:secret@example.com/a.mp4"),
        'spec.transcode.source.uri: Invalid value: "https://me:secret@example.com/a.mp4": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "dots in s3",
        transcode("s3://bucket/../other/a.mp4"),
        "spec.transcode.outputs[0].uri: Invalid value: \"s3://bucket/../other/a.mp4\": must not contain '..' nor an encoded dot or slash: write the full path",
    ),
    (
        "host in file uri",
        transcode(source="file://host/media/a.mp4"),
        'spec.transcode.source.uri: Invalid value: "file://host/media/a.mp4": must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH',
    ),
    (
        "http output",
        transcode("http://example.com/out.mp4"),
        'spec.transcode.outputs[0].uri: Invalid value: "http://example.com/out.mp4": must be file:///ABSOLUTE/PATH on the shared media volume, or s3://BUCKET/KEY',
    ),
    (
        "dots",
        transcode(source="file:///media/../etc/passwd"),
        "spec.transcode.source.uri: Invalid value: \"file:///media/../etc/passwd\": must not contain '..' nor an encoded dot or slash: write the full path",
    ),
    (
        "encoded dots",
        transcode(source="file:///media/%2e%2E/etc/passwd"),
        "spec.transcode.source.uri: Invalid value: \"file:///media/%2e%2E/etc/passwd\": must not contain '..' nor an encoded dot or slash: write the full path",
    ),
    (
        "dots in output",
        transcode("file:///media/x/../../out.mp4"),
        "spec.transcode.outputs[0].uri: Invalid value: \"file:///media/x/../../out.mp4\": must not contain '..' nor an encoded dot or slash: write the full path",
    ),
    (
        "no scenes",
        {"render": {"scenes": [], "output": {"uri": OUT}}},
        "spec.render.scenes: Invalid value: 0: spec.render.scenes in body should have at least 1 items",
    ),
    ("1,001 scenes", render(*[scene()] * 1001), "spec.render.scenes: Too many: 1001: must have at most 1000 items"),
    (
        "9 outputs",
        {"transcode": {"source": {"uri": A}, "outputs": [{"uri": f"file:///media/{n}.mp4"} for n in range(9)]}},
        "spec.transcode.outputs: Too many: 9: must have at most 8 items",
    ),
    (
        "uri too long",
        transcode(source="file:///media/" + "a" * 2048),
        "spec.transcode.source.uri: Too long: may not be more than 2048 bytes",
    ),
    (
        "no container",
        transcode("file:///media/out"),
        "spec.transcode.outputs[0]: Invalid value: give container, or a uri that ends in .mp4, .webm, .mkv, .m4a, .mp3, .opus, .flac or .wav",
    ),
    (
        "h264 in webm",
        transcode("file:///media/out.webm"),
        "spec.transcode.outputs[0]: Invalid value: webm holds vp9 or av1: set video.codec, or choose mp4 or mkv",
    ),
    (
        "aac in webm",
        transcode("file:///media/out.webm", video={"codec": "vp9"}, audio={"codec": "aac"}),
        "spec.transcode.outputs[0]: Invalid value: webm holds opus: leave audio.codec out, or choose another container",
    ),
    ("frames and times", preview(frames=3, times=["1s"]), "spec.preview: Invalid value: set frames or times, not both"),
    (
        "0 frames",
        preview(frames=0),
        "spec.preview.frames: Invalid value: 0: spec.preview.frames in body should be greater than or equal to 1",
    ),
    (
        "unknown model",
        caption(model="huge"),
        'spec.caption.model: Unsupported value: "huge": supported values: "tiny", "base", "small", "medium", "large", "turbo"',
    ),
    (
        "times of words in srt",
        caption(output={"uri": "file:///media/a.srt", "wordTimestamps": True}),
        "spec.caption.output: Invalid value: srt has no times of words: set format to vtt or json, or leave out "
        "wordTimestamps",
    ),
    ("bad language", caption(language="English"), "spec.caption.language: Too long: may not be more than 3 bytes"),
    (
        "unknown gpu",
        transcode() | {"gpu": "Always"},
        'spec.gpu: Unsupported value: "Always": supported values: "Never", "Preferred", "Required"',
    ),
    (
        "backoff limit -1",
        transcode() | {"backoffLimit": -1},
        "spec.backoffLimit: Invalid value: -1: spec.backoffLimit in body should be greater than or equal to 0",
    ),
    (
        "deadline 0",
        transcode() | {"activeDeadlineSeconds": 0},
        "spec.activeDeadlineSeconds: Invalid value: 0: spec.activeDeadlineSeconds in body should be greater than or equal to 1",
    ),
    (
        "ttl -1",
        transcode() | {"ttlSecondsAfterFinished": -1},
        "spec.ttlSecondsAfterFinished: Invalid value: -1: spec.ttlSecondsAfterFinished in body should be greater than or equal to 0",
    ),
]
#: name, spec
ACCEPTED: list[tuple[str, Spec]] = [
    ("transcode", transcode()),
    ("transcode to webm", transcode("file:///media/out.webm", video={"codec": "vp9"})),
    ("container without an ending", transcode("file:///media/out", container="mkv")),
    ("fps as a ratio", video(fps="30000/1001")),
    ("dots in a name", transcode("file:///media/a..b.mp4")),
    ("preview at times", preview(times=["0s", "1m2.5s"])),
    ("preview of 10", preview()),
    ("http source", transcode(source="https://example.com:8443/a.mp4?X-Amz-Credential=a%2Fb&v=1..2")),
    ("s3 source and output", transcode("s3://my-bucket/out/a.mp4", source="s3://bucket/in/a.mp4")),
    ("caption", caption(language="en", translate=True)),
    (
        "caption with times of words",
        caption(
            engine="faster-whisper", output={"uri": "file:///media/a.vtt", "format": "vtt", "wordTimestamps": True}
        ),
    ),
    (
        "render with everything",
        render(
            scene(),
            scene("1h", None),
            transition={"type": "wipeleft"},
            subtitles={"uri": "file:///media/s.srt", "mode": "Soft"},
        ),
    ),
    ("1,000 scenes with long names", render(*[scene(uri=A + "a" * 990)] * 1000)),
]
CHANGES: list[tuple[str, Spec, str]] = [
    ("render", video(width=640), "spec.transcode: Invalid value: is immutable: delete the resource and create it anew"),
    (
        "gpu",
        {"gpu": "Required"},
        'spec.gpu: Invalid value: "Required": is immutable: delete the resource and create it anew',
    ),
    (
        "backoffLimit",
        {"backoffLimit": 9},
        "spec.backoffLimit: Invalid value: 9: is immutable: delete the resource and create it anew",
    ),
    (
        "activeDeadlineSeconds",
        {"activeDeadlineSeconds": 9},
        "spec.activeDeadlineSeconds: Invalid value: 9: is immutable: delete the resource and create it anew",
    ),
    (
        "another kind",
        {"transcode": None} | preview(),
        "spec: Invalid value: the kind of work is immutable: delete the resource and create it anew",
    ),
    ("a second kind", preview(), "spec: Invalid value: set exactly one of render, preview, transcode, caption"),
]


@pytest.mark.parametrize(("spec", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused_with_field_and_reason(control_plane: ControlPlane, spec: Spec, message: str) -> None:
    assert create(control_plane, spec) == message


@pytest.mark.parametrize("spec", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_accepted(control_plane: ControlPlane, spec: Spec) -> None:
    assert create(control_plane, spec) == ""


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_what_is_made_cannot_be_changed(
    control_plane: ControlPlane, new_namespace: Callable[[], str], change: Spec, message: str
) -> None:
    namespace = new_namespace()
    apply(control_plane, namespace, transcode())
    assert message in said(patch(control_plane, namespace, change))


@pytest.mark.parametrize("change", [{"suspend": True}, {"priority": 0}, {"ttlSecondsAfterFinished": 1}])
def test_what_steers_a_job_can_be_changed(
    control_plane: ControlPlane, new_namespace: Callable[[], str], change: Spec
) -> None:
    namespace = new_namespace()
    apply(control_plane, namespace, transcode())
    assert patch(control_plane, namespace, change) == ""


def test_defaults_are_written_out(control_plane: ControlPlane, new_namespace: Callable[[], str]) -> None:
    namespace = new_namespace()
    apply(control_plane, namespace, transcode(video={}))
    job = json.loads(control_plane.kubectl("-n", namespace, "get", "videojob", "x", "-o", "json"))
    steering = {key: value for key, value in job["spec"].items() if key != "transcode"}
    assert steering == {
        "priority": 5,
        "gpu": "Never",
        "backoffLimit": 3,
        "activeDeadlineSeconds": 3600,
        "ttlSecondsAfterFinished": 86400,
        "suspend": False,
    }
    assert job["spec"]["transcode"]["damage"] == "Tolerate"
    assert job["spec"]["transcode"]["outputs"][0]["video"] == {"codec": "h264", "fit": "Pad", "pixelFormat": "yuv420p"}
    assert job["status"]["phase"] == "Pending"
    assert job["status"]["conditions"][0]["type"] == "Reconciling"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_accepted(control_plane: ControlPlane, path: Path) -> None:
    assert "created (server dry run)" in control_plane.kubectl("create", "--dry-run=server", "-f", str(path))


def undescribed(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Fields of a schema without a description, which `kubectl explain` would leave empty."""
    for name, field in schema.get("properties", {}).items():
        if not field.get("description") and name != "metadata":
            yield f"{path}.{name}"
        yield from undescribed(field, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from undescribed(schema["items"], f"{path}[]")


@pytest.mark.parametrize("path", sorted((ROOT / "crds").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_field_is_described(path: Path) -> None:
    crd = yaml.safe_load(path.read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert list(undescribed(schema, path.stem)) == []
