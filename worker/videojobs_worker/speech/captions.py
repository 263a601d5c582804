"""A caption file from a source's sound."""

from __future__ import annotations

from pathlib import Path

from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.process.runner import Stopper, run
from videojobs_worker.speech.cues import cues
from videojobs_worker.speech.engine import transcribe
from videojobs_worker.speech.writers import written


def extract_audio(source: Path, uri: str, wav: Path, stopper: Stopper) -> None:
    """The source's sound as Whisper wants it: 16 kHz, mono, 16 bit.

    Raises:
        JobError: EncoderFailed.
    """
    command = (
        "ffmpeg", "-nostdin", "-y", "-loglevel", "error", "-protocol_whitelist", "file", "-i", f"file:{source}",
        "-map", "0:a:0", "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "wav", f"file:{wav}",
    )  # fmt: skip
    code, tail = run(command, stopper)
    if code:
        raise JobError("EncoderFailed", f"{uri}: its sound cannot be decoded", log_tail=tail)


def write_captions(wav: Path, target: Path, work: Caption, models: Path, *, download: bool) -> str:
    """Transcribe and write; returns the language."""
    transcript = transcribe(wav, work, models, download=download)
    target.write_text(written(cues(transcript.segments), work.format, transcript.language), encoding="utf-8")
    return transcript.language
