"""Captions by the real engines, with models of random weights: what they say is nonsense, how is not."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import psutil
import pytest

from tests.support import measure, sounds, whisper_models
from tests.support.ffmpeg import ffmpeg
from tests.support.redis_server import RedisServer
from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import TaskStatus, WorkerIdentity
from videojobs_protocol.work import Caption, CaptionFormat, WhisperEngine
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.job_runner import Worker, run_job
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import load
from videojobs_worker.speech import captions
from videojobs_worker.speech.captions import extract_audio
from videojobs_worker.speech.listener import Listener
from videojobs_worker.speech.models import Models

# whisper's tokenizer leaves its vocabulary file open (openai/whisper, tokenizer.py).
pytestmark = pytest.mark.filterwarnings("ignore:.*multilingual.tiktoken:pytest.PytestUnraisableExceptionWarning")

ENGINES = get_args(WhisperEngine)
WORK = Caption("file:///in", "file:///out", "tiny", "en")
TIMING = {
    "srt": r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}",
    "vtt": r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    whisper_models.provide(folder)
    return folder


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of silence, then somebody speaks, then silence again."""
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    sounds.talk(path, silence_s=4)
    return path


@pytest.fixture(scope="module")
def wav(talk: Path) -> Path:
    path = talk.with_name("talk.wav")
    extract_audio(talk, 0, str(talk), path, Stopper())
    return path


@pytest.fixture
def worker(tmp_path: Path, talk: Path, models: Path) -> Iterator[Worker]:
    environment = {
        "VIDEOJOBS_MEDIA_ROOTS": f"{tmp_path}:{talk.parent}",
        "TEMP_DIR": str(tmp_path / "temp"),
        "WHISPER_MODEL_DIR": str(models),
    }
    with RedisServer() as server, server.client() as client:
        settings = load(environment | {"REDIS_URL": server.url})
        yield Worker(settings, client, WorkerIdentity("test"), "test/1", Claims(client))
    captions._LISTENER.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def caption(worker: Worker, talk: Path, target: Path, work: Caption = WORK) -> TaskStatus:
    work = replace(work, uri=f"file://{talk}", output_uri=f"file://{target}")
    status = run_job(worker, Job(target.name, target.name, 1, work))
    assert status is not None
    return status


def listen(listener: Listener, wav: Path, models: Path, stopper: Stopper | None = None, **more: Any) -> list[Any]:
    events: list[Any] = []
    events.append(listener.listen(wav, replace(WORK, **more), Models(models), stopper or Stopper(), events.append, 1))
    return events


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_captions_are_valid_and_in_order_and_only_where_somebody_speaks(
    worker: Worker, talk: Path, tmp_path: Path, form: CaptionFormat, engine: WhisperEngine
) -> None:
    target = tmp_path / f"talk.{form}"
    status = caption(worker, talk, target, replace(WORK, format=form, engine=engine))
    assert status.status == "completed", status.failure
    text = target.read_text()
    assert text.startswith("WEBVTT") == (form == "vtt")
    timings = [line for line in text.splitlines() if "-->" in line]
    assert timings
    assert all(re.fullmatch(TIMING[form], line) for line in timings)
    times = [part for line in timings for part in line.split(" --> ")]
    assert times == sorted(times)
    assert times[0] > "00:00:03"


@pytest.mark.parametrize("engine", ENGINES)
def test_json_has_the_language_and_every_word_in_time(
    worker: Worker, talk: Path, tmp_path: Path, engine: WhisperEngine
) -> None:
    target = tmp_path / "talk.json"
    status = caption(worker, talk, target, replace(WORK, format="json", engine=engine, language=None))
    assert status.status == "completed", status.failure
    made = json.loads(target.read_text())
    assert re.fullmatch("[a-z]{2,3}", made["language"])
    words = [word for segment in made["segments"] for word in segment["words"]]
    assert len(words) > 20
    assert all(word["text"] and word["start"] <= word["end"] for word in words)
    assert all(before["start"] <= after["start"] for before, after in pairwise(words))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_translation_is_written_with_its_words_marked(
    worker: Worker, talk: Path, tmp_path: Path, engine: WhisperEngine
) -> None:
    target = tmp_path / "talk.vtt"
    work = replace(WORK, format="vtt", engine=engine, translate=True, language="fr", word_times=True)
    assert caption(worker, talk, target, work).status == "completed"
    assert re.search(r"<\d\d:\d\d:\d\d\.\d{3}>", target.read_text())


def test_sound_that_begins_late_is_heard_when_it_is_heard(talk: Path, tmp_path: Path) -> None:
    late, heard = tmp_path / "late.mkv", tmp_path / "late.wav"
    picture = ["-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=12"]
    ffmpeg(*picture, "-itsoffset", "3", "-i", str(talk), "-map", "0:v", "-map", "1:a", "-c:a", "copy", str(late))
    extract_audio(late, 1, str(late), heard, Stopper())
    extract_audio(talk, 0, str(talk), tmp_path / "talk.wav", Stopper())
    lengths = [float(measure.probe(path)["format"]["duration"]) for path in (heard, tmp_path / "talk.wav")]
    assert lengths[0] - lengths[1] == pytest.approx(3.0, abs=0.05)


def test_silence_has_no_text(worker: Worker, tmp_path: Path) -> None:
    sounds.silence(tmp_path / "silence.mp4", seconds=5)
    target = tmp_path / "silence.srt"
    assert caption(worker, tmp_path / "silence.mp4", target).status == "completed"
    assert target.read_text() == ""


def test_a_missing_model_says_how_to_provide_it(worker: Worker, talk: Path, tmp_path: Path) -> None:
    status = caption(worker, talk, tmp_path / "talk.srt", replace(WORK, model="large"))
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("ModelNotFound", False)
    assert "large.pt" in status.failure.message
    assert not (tmp_path / "talk.srt").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_broken_model_is_named_and_the_next_request_goes_on(
    listener: Listener, wav: Path, models: Path, tmp_path: Path, engine: WhisperEngine
) -> None:
    folder = tmp_path / "faster-whisper-tiny"
    folder.mkdir()
    for path in (folder / "model.bin", tmp_path / "tiny.pt"):
        path.write_bytes(b"no model at all")
    with pytest.raises(JobError, match=str(tmp_path)) as caught:
        listen(listener, wav, tmp_path, engine=engine)
    assert (caught.value.reason, caught.value.retryable) == ("ModelInvalid", False)
    assert listen(listener, wav, models)[-1].words


def test_the_model_stays_warm_and_progress_is_told(listener: Listener, wav: Path, models: Path) -> None:
    events = listen(listener, wav, models)
    process = listener._process
    assert events[0] == {"loading": "faster-whisper"}
    assert [event for event in events[1:-1] if 0 < event["progress"] <= 1]
    assert listen(listener, wav, models)[-1] == events[-1]
    assert listener._process is process


def test_a_cancel_ends_it_and_the_next_request_starts_anew(listener: Listener, wav: Path, models: Path) -> None:
    stopper, error = Stopper(), StoppedError("Cancelled", "enough", retryable=False)
    began = threading.Event()

    def on_event(_: object) -> None:
        began.set()

    canceller = threading.Thread(target=lambda: (began.wait(60), stopper.stop(error)))
    canceller.start()
    with pytest.raises(StoppedError, match="enough"):
        listener.listen(wav, WORK, Models(models), stopper, on_event, 1)
    canceller.join()
    assert not [child for child in psutil.Process().children() if "speech.service" in " ".join(child.cmdline())]
    assert listen(listener, wav, models)[-1].words


def test_a_killed_engine_is_tried_again(listener: Listener, wav: Path, models: Path) -> None:
    def kill(_: object) -> None:
        process = listener._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(JobError, match="lack of memory") as caught:
        listener.listen(wav, WORK, Models(models), Stopper(), kill, 1)
    assert (caught.value.reason, caught.value.retryable) == ("OutOfMemory", True)
    assert listen(listener, wav, models)[-1].words
