"""An ffmpeg or ffprobe that somebody kills, as the kernel does when memory is short, says nothing about the files.

A worker that took it for a verdict on its output made the output anew in another way: other bytes, and no word.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Render, Scene, Transcode, VideoSettings, Work

QUEUE = "killed"
#: Kills itself the first time that its arguments hold the text in a file; one that reports to a FIFO when that is read.
TOOL = """#!/bin/sh
word=$(cat {folder}/word 2>/dev/null)
case "$* " in *"${{word:-no such word}}"*)
    rm {folder}/word
    test "$word" != "-o report" || exec 3>report
    kill -KILL $$
esac
exec {program} "$@"
"""


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools")
    for name in ("ffmpeg", "ffprobe"):
        (folder / name).write_text(TOOL.format(folder=folder, program=shutil.which(name)))
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], tools: Path) -> Iterator[CeleryWorker]:
    running = CeleryWorker({**environment, "PATH": f"{tools}:{environment['PATH']}"})
    running.start(queues=QUEUE)
    yield running
    running.stop()


def transcode(bench: Bench, sources: Path, name: str) -> Transcode:
    """Its sound is copied, so that it can be made in two ways."""
    return Transcode(f"file://{sources}/clip.mp4", (MediaOutput(bench.uri(name), video=VideoSettings(height=90)),))


def run_killing(bench: Bench, tools: Path, word: str, work: Work) -> TaskStatus:
    (tools / "word").write_text(word)
    status = bench.run(work, queue=QUEUE)
    assert not (tools / "word").exists()  # it was killed
    return status


@pytest.mark.parametrize(
    "word",
    [
        "libx264",  # makes the output
        "-sseof",  # decodes its end
    ],
)
def test_what_was_killed_is_tried_again(
    worker: CeleryWorker, bench: Bench, sources: Path, tools: Path, word: str
) -> None:
    failure = run_killing(bench, tools, word, transcode(bench, sources, "out.mp4")).failure
    assert failure is not None
    assert (failure.reason, failure.retryable) == ("OutOfMemory", True)
    assert not (bench.folder / "out.mp4").exists()


def test_of_an_ffprobe_that_waits_another_takes_the_place(
    worker: CeleryWorker, bench: Bench, sources: Path, tools: Path
) -> None:
    whole = bench.run(transcode(bench, sources, "whole.mp4"), queue=QUEUE)
    status = run_killing(bench, tools, "-o report", transcode(bench, sources, "out.mp4"))
    assert status.status == "completed", status.failure
    assert status.outputs[0].sha256 == whole.outputs[0].sha256
    assert status.details["plan"] == whole.details["plan"]


def test_a_copy_that_was_killed_is_not_taken_for_one_that_mp4_cannot_hold(
    worker: CeleryWorker, bench: Bench, sources: Path, tools: Path
) -> None:
    ffmpeg("-i", str(sources / "clip.mp4"), "-c", "copy", str(bench.folder / "in.ts"))
    work = Render((Scene(bench.uri("in.ts"), 0.4, 1.6),), MediaOutput(bench.uri("out.mp4")))
    failure = run_killing(bench, tools, "indexed-", work).failure
    assert failure is not None
    assert failure.reason == "OutOfMemory"
