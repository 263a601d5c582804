"""The default speech engine against openai-whisper: one architecture, random weights, as many tokens decoded."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import whisper

from bench.result import Result
from tests.support import whisper_models
from videojobs_worker.process.processors import thread_count
from videojobs_worker.speech import engines
from videojobs_worker.speech.activity import SAMPLE_RATE_HZ
from videojobs_worker.speech.transcript import Window

WINDOW_S = 28.0
WINDOWS = 8
#: openai-whisper hears so many of them: it takes one after another, so that time goes with their number.
PEER_WINDOWS = 2
RUNS = 3


def main() -> None:
    """Run it."""
    with tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name:
        folder = Path(name)
        whisper_models.provide(folder, whisper_models.BASE, "base")
        ours = engines.load("faster-whisper", "base", folder, thread_count())
        peer = whisper.load_model(str(folder / "base.pt"))
        ratios = [_ratio(ours, peer) for _ in range(RUNS)]
    Result("captions", statistics.median(ratios), "times as fast", 4, "higher").show()


def _ratio(ours: engines.Engine, peer: Any) -> float:
    noise = np.random.default_rng(3).normal(0, 0.1, int(WINDOWS * WINDOW_S * SAMPLE_RATE_HZ)).astype(np.float32)
    windows = [Window(number * WINDOW_S, (number + 1) * WINDOW_S) for number in range(WINDOWS)]
    our_s, our_words = _timed(lambda: _words(ours, noise, windows))
    peer_s, peer_words = _timed(lambda: _peer_words(peer, noise))
    print(
        f"default {our_s / WINDOWS:.2f} s and {our_words / WINDOWS:.0f} words a window, "
        f"openai-whisper {peer_s / PEER_WINDOWS:.2f} s and {peer_words / PEER_WINDOWS:.0f} words",
        flush=True,
    )
    if our_words / WINDOWS < 0.95 * peer_words / PEER_WINDOWS:
        raise SystemExit("the default engine decoded less: the figure would mean nothing")
    return (peer_s / PEER_WINDOWS) / (our_s / WINDOWS)


def _words(engine: engines.Engine, audio: Any, windows: list[Window]) -> int:
    return sum(len(heard.words) for heard in engine.hear(audio, windows, "en", "transcribe"))


def _peer_words(model: Any, audio: Any) -> int:
    """With the same beam, and one temperature: random weights would make it try all of them."""
    piece = int(WINDOW_S * SAMPLE_RATE_HZ)
    return sum(
        len(segment["words"])
        for number in range(PEER_WINDOWS)
        for segment in model.transcribe(
            audio[number * piece : (number + 1) * piece], language="en", beam_size=engines.BEAM, temperature=0.0,
            word_timestamps=True, condition_on_previous_text=False, fp16=False, no_speech_threshold=None,
            compression_ratio_threshold=None, logprob_threshold=None, verbose=None,
        )["segments"]
    )  # fmt: skip


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    begun = time.monotonic()
    count = work()
    return time.monotonic() - begun, count


if __name__ == "__main__":
    main()
