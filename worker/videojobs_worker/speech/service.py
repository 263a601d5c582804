"""The process that listens: one request a line on standard input, events in JSON lines on standard output.

A process of its own, so that a cancel can end it, lack of memory kills only it, and CUDA never sees a fork. It keeps
its model for the next request, and ends when its input does. Started by :mod:`videojobs_worker.speech.listener`.

Request: ``{"audio", "engine", "model", "folder", "language", "translate", "download", "threads"}``.
Events: ``{"loading": engine}``, ``{"progress": 0..1}``, and at the end ``{"language", "words": [[start, end, text]]}``
or ``{"error": {"reason", "message", "retryable"}}``.
"""

from __future__ import annotations

import json
import os
import sys
import wave
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from videojobs_protocol.work import WhisperEngine
from videojobs_worker.errors import JobError
from videojobs_worker.speech.models import Models, choose, is_provided, model_path
from videojobs_worker.speech.transcript import Transcript, Window, Word

Tell = Callable[[dict[str, Any]], None]


def answer(request: dict[str, Any], tell: Tell) -> None:
    """Listen as a request asks.

    Raises:
        JobError: EngineUnavailable, ModelNotFound, ModelInvalid, ModelUnavailable.
    """
    from videojobs_worker.speech import engines
    from videojobs_worker.speech.activity import spoken

    folder = Path(request["folder"])
    names = engines.installed()
    engine = choose(request["engine"], request["model"], Models(folder, request["download"]), names)
    tell({"loading": engine})
    model = _loaded(engine, request["model"], folder, request["threads"])
    audio = _samples(Path(request["audio"]))
    task = "translate" if request["translate"] else "transcribe"
    windows = spoken(audio)
    heard = model.hear(audio, windows, request["language"], task)
    language, words = _gathered(heard, windows, tell)
    tell({"language": language or request["language"] or "", "words": [[w.start_s, w.end_s, w.text] for w in words]})


@lru_cache(maxsize=1)
def _loaded(engine: WhisperEngine, model: str, folder: Path, threads: int) -> Any:
    from videojobs_worker.speech import engines

    try:
        return engines.load(engine, model, folder, threads)
    except MemoryError:
        raise
    except Exception as error:
        path = model_path(engine, model, folder)
        if is_provided(engine, model, folder):
            text = f"{path} cannot be read as a model of {engine} ({_first_line(error)}): put it there anew"
            raise JobError("ModelInvalid", text) from error
        text = f"the model {model} of {engine} could not be downloaded ({_first_line(error)}): provide {path}"
        raise JobError("ModelUnavailable", text, retryable=True) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _gathered(heard: Iterable[Transcript], windows: list[Window], tell: Tell) -> tuple[str, list[Word]]:
    words: list[Word] = []
    language, end = "", windows[-1].end_s if windows else 1.0
    for part in heard:
        language = language or part.language
        words += part.words
        if part.words:
            tell({"progress": min(1.0, max(0.0, part.words[-1].end_s / end))})
    return language, words


def _samples(wav: Path) -> Any:
    import numpy as np

    with wave.open(str(wav), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
    samples /= 32768.0  # in place: a long film's sound is gigabytes
    return samples


def main(requests: TextIO, tell: Tell) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        try:
            answer(json.loads(line), tell)
        except JobError as error:
            tell({"error": {"reason": error.reason, "message": error.message, "retryable": error.retryable}})
        except Exception as error:  # a library's: this request fails, the process goes on
            tell({"error": {"reason": "EngineFailed", "message": f"Whisper failed: {error}", "retryable": True}})


def _events() -> TextIO:
    """Standard output for events alone: whatever libraries print goes to standard error."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return events


if __name__ == "__main__":
    stream = _events()

    def write(event: dict[str, Any]) -> None:
        """One event, at once."""
        stream.write(json.dumps(event) + "\n")
        stream.flush()

    main(sys.stdin, write)
