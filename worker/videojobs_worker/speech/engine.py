"""openai-whisper, kept warm in the process that uses it.

torch is imported and the model loaded in the prefork child, never in its parent: CUDA does not survive a fork.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.speech.cues import Segment


@dataclass(frozen=True)
class Transcript:
    """What was heard, and in which language (ISO 639)."""

    segments: tuple[Segment, ...]
    language: str


def transcribe(audio: Path, work: Caption, models: Path, *, download: bool) -> Transcript:
    """Listen to a 16 kHz mono WAV file.

    Raises:
        JobError: EngineUnavailable where Whisper is not installed, ModelNotFound.
    """
    model = _load(work.model, models, download)
    task = "translate" if work.translate else "transcribe"
    heard = model.transcribe(
        str(audio), language=work.language, task=task, fp16=model.device.type == "cuda", verbose=None
    )
    segments = tuple(Segment(item["start"], item["end"], item["text"]) for item in heard["segments"])
    return Transcript(segments, heard.get("language", work.language or ""))


@lru_cache(maxsize=1)
def _load(name: str, models: Path, download: bool) -> Any:
    try:
        import whisper
    except ImportError as error:
        text = "this worker has no Whisper: use the image's speech variant for caption_queue"
        raise JobError("EngineUnavailable", text) from error
    checkpoint = models / f"{name}.pt"
    if checkpoint.is_file():
        return whisper.load_model(str(checkpoint))
    if download:
        return whisper.load_model(name, download_root=str(models))
    text = f"no Whisper model at {checkpoint}: put {name}.pt there, or allow downloads by WHISPER_DOWNLOAD=1"
    raise JobError("ModelNotFound", text)
