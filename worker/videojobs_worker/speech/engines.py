"""The Whisper engines, each behind the same two calls: load a model, hear windows of a sound.

Imported only by :mod:`videojobs_worker.speech.service`: torch and CTranslate2 are heavy, and neither survives a fork.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from videojobs_protocol.work import WhisperEngine
from videojobs_worker.speech.activity import SAMPLE_RATE_HZ
from videojobs_worker.speech.models import ENGINES, is_provided, model_path
from videojobs_worker.speech.transcript import Transcript, Window, Word, shared_out

_MODULES: Final[dict[WhisperEngine, str]] = {"faster-whisper": "faster_whisper", "openai-whisper": "whisper"}
#: Windows decoded side by side.
BATCH: Final = 8
BEAM: Final = 5


class Engine(Protocol):
    """A loaded model."""

    def hear(self, audio: Any, windows: Sequence[Window], language: str | None, task: str) -> Iterator[Transcript]:
        """What is said in the windows, some of them at a time, in order."""


def installed() -> list[WhisperEngine]:
    """The engines that can be imported here."""
    return [engine for engine in ENGINES if importlib.util.find_spec(_MODULES[engine])]


def load(engine: WhisperEngine, model: str, folder: Path, threads: int) -> Engine:
    """Load a model from its place, or download it to there."""
    provided = str(model_path(engine, model, folder)) if is_provided(engine, model, folder) else model
    if engine == "faster-whisper":
        return FasterWhisper(provided, folder, threads)
    return OpenAiWhisper(provided, folder, threads)


class FasterWhisper:
    """CTranslate2: 8-bit weights on a CPU, windows in batches."""

    def __init__(self, model: str, folder: Path, threads: int) -> None:
        import ctranslate2
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        gpu = ctranslate2.get_cuda_device_count() > 0
        loaded = WhisperModel(
            model,
            device="cuda" if gpu else "cpu",
            compute_type="float16" if gpu else "int8",
            cpu_threads=threads,
            download_root=str(folder),
        )
        self._pipeline = BatchedInferencePipeline(loaded)

    def hear(self, audio: Any, windows: Sequence[Window], language: str | None, task: str) -> Iterator[Transcript]:
        """As :class:`Engine`."""
        for at in range(0, len(windows), BATCH):
            segments, info = self._pipeline.transcribe(
                audio,
                language=language,
                task=task,
                beam_size=BEAM,
                batch_size=BATCH,
                clip_timestamps=[{"start": window.start_s, "end": window.end_s} for window in windows[at : at + BATCH]],
                without_timestamps=False,
                word_timestamps=True,
            )
            language = language or info.language
            yield Transcript(tuple(word for segment in segments for word in _faster_words(segment)), language or "")


def _faster_words(segment: Any) -> Sequence[Word]:
    if not segment.words:
        return shared_out(segment.start, segment.end, segment.text)
    return [Word(word.start, word.end, word.word) for word in segment.words]


class OpenAiWhisper:
    """The reference implementation, on torch."""

    def __init__(self, model: str, folder: Path, threads: int) -> None:
        import torch
        import whisper

        torch.set_num_threads(threads)
        self._model = whisper.load_model(model, download_root=str(folder))

    def hear(self, audio: Any, windows: Sequence[Window], language: str | None, task: str) -> Iterator[Transcript]:
        """As :class:`Engine`."""
        for window in windows:
            piece = audio[int(window.start_s * SAMPLE_RATE_HZ) : int(window.end_s * SAMPLE_RATE_HZ)]
            heard = self._model.transcribe(
                piece,
                language=language,
                task=task,
                beam_size=BEAM,
                word_timestamps=True,
                condition_on_previous_text=False,
                fp16=self._model.device.type == "cuda",
                verbose=None,
            )
            language = language or heard.get("language")
            found = (word for segment in heard["segments"] for word in _openai_words(segment))
            words = (Word(w.start_s + window.start_s, w.end_s + window.start_s, w.text) for w in found)
            yield Transcript(tuple(words), language or "")


def _openai_words(segment: dict[str, Any]) -> Sequence[Word]:
    if not segment.get("words"):
        return shared_out(segment["start"], segment["end"], segment["text"])
    return [Word(float(word["start"]), float(word["end"]), word["word"]) for word in segment["words"]]
