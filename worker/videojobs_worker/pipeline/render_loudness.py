"""The loudness of a render: its mixed sound is measured, and all of it gets one gain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from videojobs_worker.errors import JobError
from videojobs_worker.media.loudness import gain_to
from videojobs_worker.media.plan import MEASURING
from videojobs_worker.media.render.composition import Composition
from videojobs_worker.media.render.loudness_runs import (
    SAMPLE_RATE_HZ,
    SOUNDS,
    SoundPart,
    metered_arguments,
    sound_parts,
    sounds_list,
)
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.loudness_meter import measure
from videojobs_worker.process.runner import run
from videojobs_worker.process.watchdog import Limits
from videojobs_worker.storage.ledger import Need


def at_loudness(context: JobContext, composition: Composition) -> tuple[Composition, str]:
    """The render with the gain that was asked for, and what to say of it.

    Raises:
        JobError: its sound cannot be decoded; DiskFull.
        StoppedError: it was stopped.
    """
    target_lufs = composition.work.output.audio.loudness_lufs
    if target_lufs is None or not composition.shape.sound:
        return composition, ""
    with _written(context, sound_parts(composition)) as parts:
        gain = gain_to(
            target_lufs, SAMPLE_RATE_HZ,
            lambda filters: measure(context, metered_arguments(composition, filters, parts)),
        )  # fmt: skip
    return replace(composition, gain=gain.filters), gain.note


@contextmanager
def _written(context: JobContext, parts: Sequence[SoundPart]) -> Iterator[Sequence[SoundPart]]:
    """The parts' files, as long as they are measured."""
    context.room([Need(context.scratch / part.name, part.bytes) for part in parts])
    for part in parts:
        _write(context, part)
    if parts:
        (context.scratch / SOUNDS).write_text(sounds_list(parts))
    yield parts
    for part in parts:
        (context.scratch / part.name).unlink()
    context.room([Need(context.scratch / part.name, 0) for part in parts])


def _write(context: JobContext, part: SoundPart) -> None:
    context.reporter.stage(MEASURING, "reading the sound of the scenes")
    limits = Limits(context.stall_s)
    code, tail = run(part.arguments, context.stopper, folder=context.scratch, limits=limits)
    if code:
        raise JobError("EncoderFailed", "the sound of the scenes cannot be read", log_tail=tail)
