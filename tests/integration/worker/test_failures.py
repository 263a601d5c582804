"""What cannot be done: each bad input ends in its reason, in words that name it, and leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import altered, sounds
from videojobs_protocol.work import Caption, MediaOutput, Preview, Render, Scene, Transcode, Transition, Work

pytestmark = pytest.mark.usefixtures("worker")


def transcode(source: str) -> Callable[[Bench], Work]:
    return lambda bench: Transcode(bench.uri(source), (MediaOutput(bench.uri("out.mp4")),))


def elsewhere(uri: str) -> Callable[[Bench], Work]:
    return lambda bench: Transcode(uri, (MediaOutput(bench.uri("out.mp4")),))


def to(output: str) -> Callable[[Bench], Work]:
    return lambda bench: Transcode(bench.uri("good.mp4"), (MediaOutput(output.format(folder=bench.folder)),))


def broken_render(bench: Bench) -> Work:
    scenes = (Scene(bench.uri("truncated.mp4"), 0, 2), Scene(bench.uri("good.mp4"), 0, 1))
    return Render(scenes, MediaOutput(bench.uri("out.mp4")))


def twice(bench: Bench) -> Work:
    output = MediaOutput(bench.uri("out.mp4"))
    return Transcode(bench.uri("good.mp4"), (output, output))


def render(start: float, end: float | None, fade: float | None = None) -> Callable[[Bench], Work]:
    def build(bench: Bench) -> Work:
        scene = Scene(bench.uri("good.mp4"), start, end)
        transition = Transition("fade", fade) if fade else None
        return Render((scene, scene), MediaOutput(bench.uri("out.mp4")), transition)

    return build


#: reason, words of the message, the work; the folder holds what ``broken`` makes.
CASES: list[tuple[str, str, Callable[[Bench], Work]]] = [
    ("SourceNotFound", "missing.mp4 is not there", transcode("missing.mp4")),
    ("SourceNotMedia", "empty.mp4 is empty", transcode("empty.mp4")),
    ("SourceNotMedia", "text.mp4 is no media", transcode("text.mp4")),
    ("SourceNotMedia", "a playlist", transcode("list.mp4")),
    ("SourceNotMedia", "is not a regular file", transcode("folder.mp4")),
    ("SourceTruncated", "cut off", transcode("no-index.mp4")),
    ("SourceTruncated", "bytes are there", transcode("truncated.mp4")),
    ("SourceTruncated", "is cut off: only", broken_render),
    ("InvalidOutput", "give each its own", twice),
    ("NoVideoStream", "has no picture", transcode("sound.mp4")),
    ("PathNotAllowed", "not under a folder", transcode("link-out.mp4")),
    ("PathNotAllowed", "not under a folder", elsewhere("file:///etc/passwd")),
    ("PathNotAllowed", "must not contain", transcode("%2e%2e/x.mp4")),
    ("PathNotAllowed", "not a public address", elsewhere("http://localhost/x.mp4")),
    ("PathNotAllowed", "give file:///ABSOLUTE/PATH", elsewhere("ftp://localhost/x.mp4")),
    ("PathNotAllowed", "not under a folder", to("file:///etc/out.mp4")),
    ("OutputNotWritable", "is not a folder", to("file://{folder}/good.mp4/out.mp4")),
    ("OutputNotWritable", "not a regular file", to("file://{folder}/folder.mp4")),
    ("InvalidOutput", "give container", to("file://{folder}/out.avi")),
    ("SceneOutOfRange", "cannot start at 7 s", render(7, None)),
    ("TransitionTooLong", "shorten the transition", render(0, 1, 1.5)),
    ("TimeOutOfRange", "no picture at 9 s", lambda b: Preview(b.uri("good.mp4"), b.uri("f"), times_s=(9.0,))),
    ("NoAudioStream", "nothing to caption", lambda b: Caption(b.uri("silent.mp4"), b.uri("out.srt"))),
    ("EngineUnavailable", "no Whisper", lambda b: Caption(b.uri("good.mp4"), b.uri("out.srt"))),
]


@pytest.fixture
def broken(bench: Bench, sources: Path) -> Bench:
    """A folder of good and bad files."""
    folder = bench.folder
    os.link(sources / "clip.mp4", folder / "good.mp4")
    os.link(sources / "silent.mp4", folder / "silent.mp4")
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is no film\n" * 100)
    (folder / "list.mp4").write_text(f"ffconcat version 1.0\nfile {sources}/clip.mp4\n")
    (folder / "folder.mp4").mkdir()
    sounds.sound_only(folder / "sound.mp4")
    altered.cut_short(folder / "no-index.mp4", sources / "clip.mp4", 0.5)
    altered.faststart(folder / "whole.mp4", sources / "clip.mp4")
    altered.cut_short(folder / "truncated.mp4", folder / "whole.mp4", 0.5)
    (folder / "link-out.mp4").symlink_to("/etc/passwd")
    return bench


@pytest.mark.parametrize(("reason", "words", "build"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
@pytest.mark.ffmpeg_matrix
def test_bad_input_is_named_and_not_tried_again(
    broken: Bench, reason: str, words: str, build: Callable[[Bench], Work]
) -> None:
    before = broken.files()
    status = broken.run(build(broken))
    assert status.status == "failed"
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == (reason, False), status.failure
    assert words in status.failure.message
    assert broken.files() == before
