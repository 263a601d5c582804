"""A worker without Whisper, or without the model, says what to do; with both, the model is loaded once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.speech import engine
from videojobs_worker.speech.cues import Segment

WORK = Caption("file:///media/talk.mp4", "file:///media/talk.srt", "tiny", None)


class Whisper:
    """Records what was loaded and asked of it."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, dict[str, str]]] = []
        self.asked: list[dict[str, Any]] = []

    def load_model(self, name: str, **options: str) -> Any:
        self.loaded.append((name, options))
        return SimpleNamespace(device=SimpleNamespace(type="cpu"), transcribe=self.transcribe)

    def transcribe(self, _: str, **options: Any) -> dict[str, Any]:
        self.asked.append(options)
        return {"language": "de", "segments": [{"start": 0.0, "end": 1.5, "text": " Hallo"}]}


@pytest.fixture(autouse=True)
def _cold() -> Iterator[None]:
    engine._load.cache_clear()
    yield
    engine._load.cache_clear()


@pytest.fixture
def whisper(monkeypatch: pytest.MonkeyPatch) -> Whisper:
    library = Whisper()
    monkeypatch.setitem(sys.modules, "whisper", library)
    return library


def listen(models: Path, work: Caption = WORK, *, download: bool = False) -> engine.Transcript:
    return engine.transcribe(Path("talk.wav"), work, models, download=download)


def test_without_whisper_the_image_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "whisper", None)
    with pytest.raises(JobError, match="caption_queue") as caught:
        listen(tmp_path)
    assert (caught.value.reason, caught.value.retryable) == ("EngineUnavailable", False)


def test_a_missing_model_is_never_fetched_silently(whisper: Whisper, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"tiny\.pt") as caught:
        listen(tmp_path)
    assert (caught.value.reason, caught.value.retryable) == ("ModelNotFound", False)
    assert whisper.loaded == []


def test_a_missing_model_is_fetched_into_its_folder_when_allowed(whisper: Whisper, tmp_path: Path) -> None:
    listen(tmp_path, download=True)
    assert whisper.loaded == [("tiny", {"download_root": str(tmp_path)})]


def test_a_model_stays_warm(whisper: Whisper, tmp_path: Path) -> None:
    (tmp_path / "tiny.pt").touch()
    heard = [listen(tmp_path) for _ in range(3)]
    assert whisper.loaded == [(str(tmp_path / "tiny.pt"), {})]
    assert heard[0] == engine.Transcript((Segment(0.0, 1.5, " Hallo"),), "de")


@pytest.mark.parametrize(("translate", "task"), [(False, "transcribe"), (True, "translate")])
def test_translation_is_asked_for(whisper: Whisper, tmp_path: Path, translate: bool, task: str) -> None:
    (tmp_path / "tiny.pt").touch()
    listen(tmp_path, replace(WORK, language="fr", translate=translate))
    assert [(asked["task"], asked["language"]) for asked in whisper.asked] == [(task, "fr")]
