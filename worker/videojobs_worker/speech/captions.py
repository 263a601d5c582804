"""A caption file from a source's sound."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.process.demuxers import OPEN_MEDIA
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import LIMITS, Limits
from videojobs_worker.speech.cues import cues
from videojobs_worker.speech.listener import Listener, OnEvent
from videojobs_worker.speech.models import Models
from videojobs_worker.speech.writers import written

#: The model stays warm for the next job of this process.
_LISTENER: Final = Listener()
#: Silence where the sound begins late or has gaps: cues are timed by the film.
_FROM_THE_BEGINNING: Final = "aresample=async=1:first_pts=0"
#: What a packet of sound may last longer than a header says.
_ROUNDED_S: Final = 1.0


def extract_audio(
    source: Path,
    stream: int,
    uri: str,
    wav: Path,
    stopper: Stopper,
    lasts_s: float | None = None,
    limits: Limits = LIMITS,
) -> None:
    """A stream of the source's sound, by its index, as Whisper wants it: 16 kHz, mono, 16 bit.

    Args:
        source: the source.
        stream: the stream's index.
        uri: names the source to the reader.
        wav: the file that is made.
        stopper: ends it early.
        lasts_s: how long the source is, and so the file at most.
        limits: when its run is ended.

    Raises:
        JobError: EncoderFailed, RunStalled.
    """
    most = () if lasts_s is None else ("-t", f"{lasts_s + _ROUNDED_S:.3f}")
    command = (
        "ffmpeg", "-nostdin", "-y", "-loglevel", "error", *OPEN_MEDIA, "-i", f"file:{source}",
        "-map", f"0:{stream}", "-ac", "1", "-ar", "16000", "-af", _FROM_THE_BEGINNING,
        *most, "-c:a", "pcm_s16le", "-f", "wav", f"file:{wav}",
    )  # fmt: skip
    code, tail = run(command, stopper, limits=limits)
    if code:
        raise JobError("EncoderFailed", f"{uri}: its sound cannot be decoded", log_tail=tail)


def write_captions(
    wav: Path, target: Path, work: Caption, models: Models, stopper: Stopper, on_event: OnEvent, threads: int
) -> None:
    """Listen and write. Errors as :meth:`Listener.listen`."""
    heard = _LISTENER.listen(wav, work, models, stopper, on_event, threads)
    text = written(cues(heard.words), work.format, heard.language, word_times=work.word_times)
    target.write_text(text, encoding="utf-8")
