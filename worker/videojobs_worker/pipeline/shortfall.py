"""What it means that less, or more, can be made of a source than its header says."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from videojobs_worker.errors import JobError, UnexpectedLengthError
from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.storage.origin import shown

#: Reasons of failures that packets may explain.
_OF_TIMES: Final = ("SourceTruncated", "RunawayOutput")


def is_of_times(error: JobError) -> bool:
    """Whether a failure may come from what was believed of a source's times."""
    return isinstance(error, UnexpectedLengthError) or error.reason in _OF_TIMES


def measure_sources(context: JobContext) -> bool:
    """Ask the packets of the sources whose headers were believed; returns whether any of them lasts otherwise."""
    changed = False
    for uri, source in context.fetched.items():
        if _is_believed(source):
            info = probe(str(source.path), uri, context.stopper, measured=True)
            context.fetched[uri] = replace(source, info=info)
            if info.remark:
                context.reporter.note(f"{shown(uri)}: {info.remark}")
            changed |= info.duration_s != source.info.duration_s
    return changed


def check_whole(context: JobContext, error: JobError) -> None:
    """Where an output is too short and nothing is missing of the sources, what is there cannot be decoded.

    Raises:
        JobError: SourceCorrupt.
    """
    missing = any(source.info.missing for source in context.fetched.values())
    if isinstance(error, UnexpectedLengthError) and error.reason == "SourceTruncated" and not missing:
        raise JobError("SourceCorrupt", error.message, log_tail=error.log_tail) from error


def _is_believed(source: Source) -> bool:
    streams = [stream for stream in (source.info.video, source.info.audio) if stream]
    return not source.served and not all(stream.times.measured for stream in streams)
