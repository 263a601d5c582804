"""Takes a preview's pictures, looks at them, and takes those anew that show nothing, or the same as another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videojobs_protocol.work import Preview
from videojobs_worker.media.plan import Expectation, Plan
from videojobs_worker.media.preview.look import Look
from videojobs_worker.media.preview.pictures import (
    Shot,
    better_shots,
    codec_name,
    first_shots,
    plan_pictures,
    plan_sprite,
)
from videojobs_worker.media.source import MediaInfo, Source, VideoStream, video_of
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.execution import carry_out, prepare
from videojobs_worker.probe.frame_times import read_moments
from videojobs_worker.probe.images import look_at
from videojobs_worker.process.stopper import Stopper


def take_pictures(context: JobContext, work: Preview, source: Source, drafts: Sequence[Path]) -> list[Expectation]:
    """Make a preview's files; returns what they must be, with what is known of the pictures.

    Raises:
        JobError: NoVideoStream, TimeOutOfRange, InvalidOutput, OutputInvalid, or a run failed.
    """
    shots = first_shots(work, source)
    sprite = plan_sprite(work, source, drafts, shots, context.threads)
    pictures = list(drafts[: len(shots)])
    expectations = _taken(context, work, source, pictures, shots)
    prepare(context.scratch, sprite)
    carry_out(context, sprite)
    return [*expectations, *sprite.expectations]


def _taken(
    context: JobContext, work: Preview, source: Source, pictures: Sequence[Path], shots: list[Shot]
) -> list[Expectation]:
    spacing_s = (source.info.duration_s or 0.0) / len(shots)
    expectations: dict[int, Expectation] = {}
    looks: dict[int, Look] = {}
    due = list(range(len(shots)))
    while due:
        wanted = [(shots[n], pictures[n]) for n in due]
        moments = _moments(context.stopper, source, [shot for shot, _ in wanted])
        steps, expected = plan_pictures(work, source, wanted, context.threads, moments)
        carry_out(context, Plan(steps, ())).tell(context.reporter)  # what they made is looked at, not probed
        looks |= {n: look_at(pictures[n], work.format) for n in due}
        expectations |= zip(due, expected, strict=True)
        better = shots if work.times_s else better_shots(shots, [looks[n] for n in range(len(shots))], spacing_s)
        due = [n for n, shot in enumerate(better) if shot != shots[n]]
        shots = better
    return [replace(expectations[n], known=_known(looks[n], pictures[n], work)) for n in range(len(shots))]


def _moments(stopper: Stopper, source: Source, shots: Sequence[Shot]) -> list[float]:
    """When frames are shown around the times of exact shots, where their rate does not tell."""
    times = [shot.time_s for shot in shots if shot.exact]
    if video_of(source).times.constant or not times:
        return []
    return read_moments(source, times, stopper)


def _known(look: Look, path: Path, work: Preview) -> MediaInfo:
    stream = VideoStream(codec_name(work.format), look.width, look.height)
    return MediaInfo(("image2",), None, path.stat().st_size, stream, None)
