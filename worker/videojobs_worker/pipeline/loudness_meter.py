"""Measures how loud sound is: the first of two passes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from videojobs_worker.errors import JobError
from videojobs_worker.media.loudness import METER, Loudness, read_loudness
from videojobs_worker.media.plan import MEASURING, common_arguments, input_arguments
from videojobs_worker.media.sound import filter_input
from videojobs_worker.media.source import AudioStream, Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.process.runner import run
from videojobs_worker.process.watchdog import Limits

_SUMMARY_LINES = 40


def measure_stream(context: JobContext, source: Source, stream: AudioStream, filters: str) -> Loudness:
    """The loudness of a stream of sound behind filters.

    Raises:
        JobError: it cannot be decoded.
        StoppedError: it was stopped.
    """
    graph = f"{filter_input(0, stream)}{filters},{METER}[measured]"
    arguments = (
        *input_arguments(source.path, 1), "-filter_complex", graph, "-map", "[measured]", "-f", "null", "-",
    )  # fmt: skip
    return measure(context, arguments)


def measure(context: JobContext, arguments: Sequence[str]) -> Loudness:
    """The loudness that METER reports in a run of ffmpeg. Errors as :func:`measure_stream`."""
    context.reporter.stage(MEASURING, "measuring the loudness")
    lines: deque[str] = deque(maxlen=_SUMMARY_LINES)
    command = [*common_arguments(1), *arguments]
    command[command.index("-loglevel") + 1] = "repeat+level+info"  # METER reports at this level
    limits = Limits(context.stall_s)
    code, tail = run(command, context.stopper, folder=context.scratch, on_words=lines.append, limits=limits)
    found = read_loudness([line.rstrip("\n") for line in lines])
    if code or found is None:
        raise JobError("EncoderFailed", "the loudness of the sound cannot be measured", log_tail=tail)
    return found
