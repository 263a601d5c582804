"""Captions by the real Whisper code, with a checkpoint of random weights: what it says is nonsense, how is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
import whisper

from tests import media
from tests.redis_server import RedisServer
from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import TaskStatus, WorkerIdentity
from videojobs_protocol.work import Caption, CaptionFormat
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.runner import Worker, run_job
from videojobs_worker.settings import load

# whisper's tokenizer leaves its vocabulary file open (openai/whisper, tokenizer.py).
pytestmark = pytest.mark.filterwarnings("ignore:.*multilingual.tiktoken:pytest.PytestUnraisableExceptionWarning")

DIMENSIONS = whisper.model.ModelDimensions(
    n_mels=80, n_audio_ctx=1500, n_audio_state=32, n_audio_head=2, n_audio_layer=1,
    n_vocab=51865, n_text_ctx=448, n_text_state=32, n_text_head=2, n_text_layer=1,
)  # fmt: skip
TIMING = {
    "srt": r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}",
    "vtt": r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.pt, as whisper.load_model reads it."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(7)
    model = whisper.model.Whisper(DIMENSIONS)
    # Whisper leaves this one uninitialised, for checkpoints to fill: what lies in memory may be NaN.
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    torch.save({"dims": asdict(DIMENSIONS), "model_state_dict": model.state_dict()}, folder / "tiny.pt")
    return folder


@pytest.fixture
def worker(tmp_path: Path, models: Path) -> Iterator[Worker]:
    with RedisServer() as server, server.client() as client:
        settings = load(
            {
                "REDIS_URL": server.url,
                "VIDEOJOBS_MEDIA_ROOTS": str(tmp_path),
                "TEMP_DIR": str(tmp_path / "temp"),
                "WHISPER_MODEL_DIR": str(models),
            }
        )
        yield Worker(settings, client, WorkerIdentity("test"), "test/1", Claims(client))


def caption(worker: Worker, folder: Path, form: CaptionFormat, model: str = "tiny") -> TaskStatus:
    media.clip(folder / "talk.mp4", seconds=3)
    output = f"file://{folder}/talk.{form}"
    work = Caption(f"file://{folder}/talk.mp4", output, model, "en", format=form)  # type: ignore[arg-type]
    status = run_job(worker, Job("job", "task", 1, work))
    assert status is not None
    return status


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_captions_are_valid_and_in_order(worker: Worker, tmp_path: Path, form: CaptionFormat) -> None:
    status = caption(worker, tmp_path, form)
    assert status.status == "completed", status.failure
    text = (tmp_path / f"talk.{form}").read_text()
    assert text.startswith("WEBVTT") == (form == "vtt")
    timings = [line for line in text.splitlines() if "-->" in line]
    assert timings
    assert all(re.fullmatch(TIMING[form], line) for line in timings)
    times = [part for line in timings for part in line.split(" --> ")]
    assert times == sorted(times)


def test_json_names_the_language(worker: Worker, tmp_path: Path) -> None:
    status = caption(worker, tmp_path, "json")
    assert status.status == "completed", status.failure
    made = json.loads((tmp_path / "talk.json").read_text())
    assert made["language"] == "en"
    assert all(segment["start"] <= segment["end"] for segment in made["segments"])


def test_a_missing_model_says_how_to_provide_it(worker: Worker, tmp_path: Path) -> None:
    status = caption(worker, tmp_path, "srt", model="large")
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("ModelNotFound", False)
    assert "put large.pt there" in status.failure.message
    assert not (tmp_path / "talk.srt").exists()
