"""What a killed attempt has finished, the next one on the same node does not make again."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.clips import frame_clock
from tests.support.measure import frame_numbers
from videojobs_protocol import keys
from videojobs_protocol.work import MediaOutput, Render, Scene, VideoSettings

SCENES, FRAMES = 40, 12
#: Notes its arguments before it becomes ffmpeg.
SHIM = """#!/bin/sh
echo "$*" >> "{log}"
exec "{ffmpeg}" "$@"
"""


@pytest.fixture
def runs(tmp_path: Path, own_worker: CeleryWorker) -> Path:
    """The arguments of every ffmpeg that the worker starts, a line each."""
    log, folder = tmp_path / "runs.txt", tmp_path / "shim"
    folder.mkdir()
    (folder / "ffmpeg").write_text(SHIM.format(log=log, ffmpeg=shutil.which("ffmpeg")))
    (folder / "ffmpeg").chmod(0o755)
    own_worker.stop()
    own_worker.environment["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    own_worker.start()
    return log


def parts_made(runs: Path) -> Counter[str]:
    """How often each part was encoded."""
    names = (line.rpartition("file:")[2] for line in runs.read_text().splitlines())
    return Counter(name for name in names if name.startswith("part-"))


def test_after_kill_9_only_what_was_not_finished_is_encoded_again(
    own_worker: CeleryWorker, bench: Bench, runs: Path
) -> None:
    frame_clock(bench.folder / "film.mp4", seconds=20)
    starts = [number * 0.4 for number in range(SCENES)]
    scenes = tuple(Scene(bench.uri("film.mp4"), start, start + FRAMES / 25) for start in starts)
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(crf=23))
    first = bench.send(Render(scenes, output))
    scratch = Path(own_worker.environment["TEMP_DIR"]) / f"job-{first.job_uid}-0"
    eventually(lambda: len(list(scratch.glob("finished-*.json"))), lambda count: count >= 1)
    eventually(lambda: len(parts_made(runs)), lambda count: count >= 2)
    own_worker.kill_9()
    eventually(own_worker.ffmpegs, lambda found: not found)
    finished = len(list(scratch.glob("finished-*.json")))
    assert finished < 3, "all parts were finished before the kill: make the film longer"
    runs.unlink()
    bench.client.delete(keys.claim(first.job_uid))  # as its lease does after 15 s
    own_worker.start()
    status = bench.run(Render(scenes, output), uid=first.job_uid, number=2)
    assert status.status == "completed", status.failure
    assert len(parts_made(runs)) == 3 - finished
    wanted = [round(start * 25) + frame for start in starts for frame in range(FRAMES)]
    assert frame_numbers(bench.folder / "out.mp4") == wanted
    assert not scratch.exists()
