"""A GPU that fails in the middle of an encode. NVML and the encoder are shims: there is no GPU here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support import measure
from videojobs_protocol.attempt import GpuPolicy
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Preview, Render, Scene, Transcode, VideoSettings, Work

QUEUE = "gpu_shim"
NVML = """
from types import SimpleNamespace as FrameCounter
class NVMLError(Exception): pass
def nvmlInit(): pass
def nvmlShutdown(): pass
def nvmlDeviceGetCount(): return 1
def nvmlDeviceGetHandleByIndex(index): return index
def nvmlDeviceGetUUID(handle): return "GPU-1"
def nvmlDeviceGetName(handle): return "Shim 1000"
def nvmlDeviceGetMemoryInfo(handle): return FrameCounter(used=1, total=2)
def nvmlDeviceGetUtilizationRates(handle): return FrameCounter(gpu=0)
"""
#: Opens the encoder when it is tried, and fails when it is used.
FFMPEG = """#!/bin/bash
case "$*" in
  *lavfi*h264_nvenc*) exit 0 ;;
  *h264_nvenc*) echo '[h264_nvenc @ 0x1] [error] EncodePicture failed!: out of memory (10)' >&2; exit 1 ;;
esac
exec {ffmpeg} "$@"
"""


@pytest.fixture(scope="module")
def gpu_worker(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CeleryWorker]:
    folder = tmp_path_factory.mktemp("shim")
    (folder / "pynvml.py").write_text(NVML)
    (folder / "ffmpeg").write_text(FFMPEG.format(ffmpeg=shutil.which("ffmpeg")))
    (folder / "ffmpeg").chmod(0o755)
    running = CeleryWorker(
        environment
        | {
            "PYTHONPATH": f"{folder}{os.pathsep}{environment['PYTHONPATH']}",
            "PATH": f"{folder}{os.pathsep}{environment['PATH']}",
            "TEMP_DIR": str(folder / "temp"),
        }
    )
    running.start(queues=QUEUE)
    yield running
    running.stop()


def run(bench: Bench, work: Work, gpu: GpuPolicy) -> TaskStatus:
    return bench.run(work, queue=QUEUE, gpu=gpu)


def transcode(bench: Bench, sources: Path) -> Transcode:
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=90))
    return Transcode(f"file://{sources}/clip.mp4", (output,))


def render(bench: Bench, sources: Path) -> Render:
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=90))
    return Render((Scene(f"file://{sources}/clip.mp4", 0, 1), Scene(f"file://{sources}/clip.mp4", 1, 2)), output)


@pytest.mark.usefixtures("gpu_worker")
@pytest.mark.parametrize("build", [transcode, render])
def test_the_cpu_takes_over_where_that_is_allowed_and_it_is_said(bench: Bench, sources: Path, build: object) -> None:
    status = run(bench, build(bench, sources), "Preferred")  # type: ignore[operator]
    assert status.status == "completed", status.failure
    assert "the GPU failed" in status.message
    assert "out of memory (10)" in status.message
    assert status.details["encoder"] == "cpu"
    assert measure.probe(bench.folder / "out.mp4")["video"]["codec_name"] == "h264"


@pytest.mark.usefixtures("gpu_worker")
def test_where_only_the_gpu_is_allowed_it_fails_for_now(bench: Bench, sources: Path) -> None:
    status = run(bench, transcode(bench, sources), "Required")
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("GpuFailed", True)
    assert "set gpu to Preferred" in status.failure.message
    assert bench.files() == []


@pytest.mark.usefixtures("gpu_worker")
def test_who_asks_for_no_gpu_gets_none(bench: Bench, sources: Path) -> None:
    status = run(bench, transcode(bench, sources), "Never")
    assert status.status == "completed", status.failure
    assert "encoder" not in status.details
    assert status.worker is not None
    assert status.worker.gpu == ""


@pytest.mark.usefixtures("gpu_worker")
def test_pictures_are_not_said_to_be_encoded_on_a_cpu_instead(bench: Bench, sources: Path) -> None:
    status = run(bench, Preview(f"file://{sources}/clip.mp4", bench.uri("frames"), frames=2), "Preferred")
    assert (status.status, status.message) == ("completed", "2 outputs made")
    assert status.worker is not None
    assert status.worker.gpu == "Shim 1000"
