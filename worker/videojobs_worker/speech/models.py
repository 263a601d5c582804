"""Where each engine finds its models, and which engine a caption gets. Only looks at files.

openai-whisper reads ``MODEL.pt``, faster-whisper a folder ``faster-whisper-MODEL`` as published for CTranslate2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from videojobs_protocol.work import WhisperEngine
from videojobs_worker.errors import JobError

#: The faster first.
ENGINES: tuple[WhisperEngine, ...] = ("faster-whisper", "openai-whisper")
#: What pip installs them by.
_EXTRAS: Mapping[WhisperEngine, str] = {"faster-whisper": "faster-whisper", "openai-whisper": "whisper"}


@dataclass(frozen=True)
class Models:
    """The folder of models, and whether what it lacks may be downloaded into it."""

    folder: Path
    download: bool = False


def model_path(engine: WhisperEngine, model: str, folder: Path) -> Path:
    """Where a model of an engine lies in the folder of models."""
    return folder / (f"faster-whisper-{model}" if engine == "faster-whisper" else f"{model}.pt")


def is_provided(engine: WhisperEngine, model: str, folder: Path) -> bool:
    """Whether the model is in the folder."""
    path = model_path(engine, model, folder)
    return (path / "model.bin").is_file() if engine == "faster-whisper" else path.is_file()


def choose(
    asked: WhisperEngine | None, model: str, models: Models, installed: Collection[WhisperEngine]
) -> WhisperEngine:
    """The engine for a caption: the one asked for, else the first that is installed and has the model.

    Raises:
        JobError: EngineUnavailable, or ModelNotFound, which says where to put which file.
    """
    candidates = [engine for engine in ENGINES if engine in installed and asked in (None, engine)]
    if not candidates:
        missing = asked or "Whisper"
        text = (
            f"this worker has no {missing}: serve caption_queue by a worker of the image's speech variant, "
            f"or with pip install '.[worker,{_EXTRAS[asked or ENGINES[0]]}]'"
        )
        raise JobError("EngineUnavailable", text)
    ready = [engine for engine in candidates if is_provided(engine, model, models.folder)]
    if ready or models.download:
        return (ready or candidates)[0]
    places = " or ".join(f"{model_path(engine, model, models.folder)} for {engine}" for engine in candidates)
    text = f"no Whisper model {model}: provide {places}, or allow downloads by WHISPER_DOWNLOAD=1"
    raise JobError("ModelNotFound", text)
