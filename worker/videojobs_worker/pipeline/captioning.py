"""A caption: the source's sound is extracted, Whisper listens, the file is staged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from videojobs_protocol.progress import Output
from videojobs_protocol.work import Caption
from videojobs_worker.errors import JobError
from videojobs_worker.media.source import cut_off_error
from videojobs_worker.media.streams import audio_of
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.execution import RUN_SHARE
from videojobs_worker.pipeline.fetching import fetch_sources
from videojobs_worker.pipeline.inspection import stage
from videojobs_worker.process.watchdog import Limits
from videojobs_worker.speech.captions import extract_audio, write_captions
from videojobs_worker.speech.models import Models
from videojobs_worker.storage.target import StagedOutput, Target

#: Percent of a caption at which its sound is extracted.
LISTEN_FROM = 5.0


def write_caption(context: JobContext, work: Caption, draft: Path, target: Target) -> list[StagedOutput]:
    """Transcribe the source and stage the caption file.

    Raises:
        JobError: NoAudioStream, or Whisper's reasons.
    """
    (source,) = fetch_sources(context, [work.uri], [draft])
    if source.info.missing:
        raise cut_off_error(source)
    if (audio := audio_of(source, work.audio_stream)) is None:
        raise JobError("NoAudioStream", f"{work.uri} has no sound: there is nothing to caption")
    wav = context.scratch / "speech.wav"
    context.reporter.stage("Extracting", "extracting the sound", 1)
    limits = Limits(context.stall_s)
    extract_audio(source.path, audio.index, work.uri, wav, context.stopper, source.info.duration_s, limits)
    context.reporter.stage("Transcribing", f"loading Whisper {work.model}", LISTEN_FROM)
    settings = context.settings
    models = Models(settings.whisper_model_dir, settings.whisper_download)
    write_captions(wav, draft, work, models, context.stopper, _listening(context, work), context.threads)
    context.stopper.check()
    (staged,) = stage(context, [draft], [target], context.stopper)
    output = Output(target.uri, draft.stat().st_size, staged.sha256, source.info.duration_s)
    return [StagedOutput(target, staged.name, output)]


def _listening(context: JobContext, work: Caption) -> Callable[[dict[str, Any]], None]:
    def report(event: dict[str, Any]) -> None:
        if "loading" in event:
            context.reporter.stage("Transcribing", f"listening with {event['loading']} {work.model}", LISTEN_FROM)
        else:
            context.reporter.progress(LISTEN_FROM + (RUN_SHARE - LISTEN_FROM) * event["progress"], None, None)

    return report
