"""Where in the sound somebody speaks: only that is listened to, since Whisper writes text on silence too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from videojobs_worker.speech.transcript import Window

SAMPLE_RATE_HZ: Final = 16_000
#: What Whisper hears at once.
WINDOW_S: Final = 30.0
#: Shorter pauses belong to the speech around them.
PAUSE_S: Final = 2.0


def spoken(audio: Any) -> list[Window]:
    """The windows in which Silero's voice activity detection finds speech.

    Args:
        audio: mono, 16 kHz, a numpy array of float32.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=WINDOW_S, min_silence_duration_ms=300, speech_pad_ms=200)
    found = get_speech_timestamps(audio, options)
    return windows(Window(piece["start"] / SAMPLE_RATE_HZ, piece["end"] / SAMPLE_RATE_HZ) for piece in found)


def windows(pieces: Iterable[Window]) -> list[Window]:
    """Pieces in order, joined over short pauses to windows of at most ``WINDOW_S``. Pure."""
    made: list[Window] = []
    for piece in pieces:
        last = made[-1] if made else None
        if last and piece.start_s - last.end_s <= PAUSE_S and piece.end_s - last.start_s <= WINDOW_S:
            made[-1] = Window(last.start_s, piece.end_s)
        else:
            made.append(piece)
    return made
