"""Which engine a caption gets, and what a worker without it, or without the model, says."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from videojobs_protocol.work import WhisperEngine
from videojobs_worker.errors import JobError
from videojobs_worker.speech.models import ENGINES, Models, choose

Provide = Callable[[WhisperEngine], None]


@pytest.fixture
def provide(tmp_path: Path) -> Provide:
    def put(engine: WhisperEngine) -> None:
        path = tmp_path / "faster-whisper-tiny" / "model.bin" if engine == "faster-whisper" else tmp_path / "tiny.pt"
        path.parent.mkdir(exist_ok=True)
        path.touch()

    return put


@pytest.mark.parametrize(
    ("asked", "installed", "provided", "chosen"),
    [
        (None, ENGINES, ENGINES, "faster-whisper"),
        (None, ENGINES, ["openai-whisper"], "openai-whisper"),
        (None, ["openai-whisper"], ENGINES, "openai-whisper"),
        ("openai-whisper", ENGINES, ENGINES, "openai-whisper"),
        ("faster-whisper", ENGINES, ["faster-whisper"], "faster-whisper"),
    ],
)
def test_the_fastest_that_has_the_model(
    tmp_path: Path,
    provide: Provide,
    asked: WhisperEngine | None,
    installed: Collection[WhisperEngine],
    provided: Collection[WhisperEngine],
    chosen: WhisperEngine,
) -> None:
    for engine in provided:
        provide(engine)
    assert choose(asked, "tiny", Models(tmp_path, download=False), installed) == chosen


def test_a_missing_model_is_never_fetched_silently(tmp_path: Path) -> None:
    with pytest.raises(JobError) as caught:
        choose(None, "tiny", Models(tmp_path, download=False), ENGINES)
    assert (caught.value.reason, caught.value.retryable) == ("ModelNotFound", False)
    assert str(tmp_path / "faster-whisper-tiny") in caught.value.message
    assert str(tmp_path / "tiny.pt") in caught.value.message
    assert "WHISPER_DOWNLOAD=1" in caught.value.message


def test_a_missing_model_may_be_downloaded(tmp_path: Path) -> None:
    assert choose(None, "tiny", Models(tmp_path, download=True), ENGINES) == "faster-whisper"


@pytest.mark.parametrize(
    ("asked", "installed", "named", "extra"),
    [
        (None, [], "Whisper", "faster-whisper"),
        ("faster-whisper", ["openai-whisper"], "faster-whisper", "faster-whisper"),
        ("openai-whisper", ["faster-whisper"], "openai-whisper", "whisper"),
    ],
)
def test_an_engine_that_is_not_installed(
    tmp_path: Path, asked: WhisperEngine | None, installed: Collection[WhisperEngine], named: str, extra: str
) -> None:
    with pytest.raises(JobError, match=f"has no {named}: serve caption_queue") as caught:
        choose(asked, "tiny", Models(tmp_path, download=True), installed)
    assert (caught.value.reason, caught.value.retryable) == ("EngineUnavailable", False)
    assert f"'.[worker,{extra}]'" in caught.value.message
