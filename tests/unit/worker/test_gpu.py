"""GPUs as NVML tells, and capabilities only by what really opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from videojobs_worker import gpu

FFMPEG = """#!/bin/sh
case "$*" in *libx264*|*{works}*) exit 0;; esac
exit 1
"""


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    gpu.capabilities.cache_clear()
    yield
    gpu.capabilities.cache_clear()


def refuse(*_: Any) -> None:
    raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that tells of one card."""
    answers: dict[str, Any] = {
        "nvmlInit": None,
        "nvmlShutdown": None,
        "nvmlDeviceGetCount": 1,
        "nvmlDeviceGetHandleByIndex": "handle",
        "nvmlDeviceGetName": b"NVIDIA L4",
        "nvmlDeviceGetUUID": "GPU-1",
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=1, total=24),
        "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=37),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(pynvml, name, lambda *_, answer=answer: answer)


def ffmpeg(folder: Path, monkeypatch: pytest.MonkeyPatch, works: str) -> None:
    """Put an ffmpeg first on PATH that succeeds only when ``works`` is in its arguments."""
    program = folder / "ffmpeg"
    program.write_text(FFMPEG.format(works=works))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.usefixtures("card")
def test_a_card_as_nvml_tells() -> None:
    assert gpu.gpus() == (
        gpu.Gpu(index=0, name="NVIDIA L4", utilization=37, memory_used=1, memory_total=24, uuid="GPU-1"),
    )


@pytest.mark.usefixtures("card")
def test_a_card_that_hides_its_load_is_still_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pynvml, "nvmlDeviceGetUtilizationRates", refuse)
    assert [found.utilization for found in gpu.gpus()] == [None]


def test_no_driver_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pynvml, "nvmlInit", refuse)
    assert gpu.gpus() == ()
    assert gpu.capabilities() == frozenset()


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("works", "capabilities"),
    [
        ("h264_nvenc", {"nvenc"}),
        ("h264_cuvid", {"nvdec"}),
        ("cuda=gpu", {"cuda"}),
        ("-f", {"nvenc", "nvdec", "cuda"}),
        ("?", set()),
    ],
)
def test_a_card_can_what_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: str, capabilities: set[str]
) -> None:
    ffmpeg(tmp_path, monkeypatch, works if works != "?" else "no-such-argument")
    assert gpu.capabilities() == capabilities


@pytest.mark.usefixtures("card")
def test_capabilities_are_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg(tmp_path, monkeypatch, "h264_nvenc")
    first = gpu.capabilities()
    (tmp_path / "ffmpeg").unlink()
    assert gpu.capabilities() is first
