"""Takes a preview's pictures, looks at them, and takes those anew that show nothing, or the same as another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videojobs_protocol.work import Preview
from videojobs_worker.errors import JobError
from videojobs_worker.media.clocks import SourceTime
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
from videojobs_worker.media.source import MediaInfo, Source, VideoStream, cut_off_error, video_of
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.damage import Damage
from videojobs_worker.pipeline.execution import carry_out, prepare
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.frame_times import read_moments
from videojobs_worker.probe.images import look_at
from videojobs_worker.storage.origin import shown


class _MissingPictureError(Exception):
    """Where a source should show a frame nothing can be decoded."""

    def __init__(self, time_s: SourceTime, damage: Damage) -> None:
        super().__init__(f"no frame can be decoded at {time_s:.3f} s")
        self.log_tail = damage.last


def take_pictures(context: JobContext, work: Preview, source: Source, drafts: Sequence[Path]) -> list[Expectation]:
    """Make a preview's files; returns what they must be, with what is known of the pictures.

    Where a frame is missing the source's packets are asked how long it really is, and all pictures are taken anew.

    Raises:
        JobError: NoVideoStream, TimeOutOfRange, InvalidOutput, OutputInvalid, SourceTruncated, SourceCorrupt, or a run
            failed.
    """
    if source.info.missing:
        context.reporter.note(f"{shown(source.uri)} is cut off: {source.info.missing}")
    try:
        return _made_of(context, work, source, drafts)
    except _MissingPictureError as error:
        again = source if source.served else _measured(context, source)
        if again.info.picture_ends_s == source.info.picture_ends_s:
            raise _undecodable(source, error) from error
    try:
        return _made_of(context, work, again, drafts)
    except _MissingPictureError as error:
        raise _undecodable(again, error) from error


def _measured(context: JobContext, source: Source) -> Source:
    return replace(source, info=probe(str(source.path), source.uri, context.stopper, measured=True))


def _undecodable(source: Source, error: _MissingPictureError) -> JobError:
    if source.info.missing:
        return cut_off_error(source)
    text = f"{source.uri}: {error}: the file is damaged there; choose other times, or write it anew"
    return JobError("SourceCorrupt", text, log_tail=error.log_tail)


def _made_of(context: JobContext, work: Preview, source: Source, drafts: Sequence[Path]) -> list[Expectation]:
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
    apart_s = (source.info.duration_s or 0.0) / len(shots), 1 / video_of(source).fps
    expectations: dict[int, Expectation] = {}
    looks: dict[int, Look] = {}
    due = list(range(len(shots)))
    while due:
        wanted = [(shots[n], pictures[n]) for n in due]
        moments = _moments(context, source, [shot for shot, _ in wanted])
        steps, expected = plan_pictures(work, source, wanted, context.threads, moments)
        damage = carry_out(context, Plan(steps, ()))
        damage.tell(context.reporter)  # what they made is looked at, not probed
        _require_made(wanted, damage)
        looks |= {n: look_at(pictures[n], work.format) for n in due}
        expectations |= zip(due, expected, strict=True)
        better = shots if work.times_s else better_shots(shots, [looks[n] for n in range(len(shots))], *apart_s)
        due = [n for n, shot in enumerate(better) if shot != shots[n]]
        shots = better
    return [replace(expectations[n], known=_known(looks[n], pictures[n], work)) for n in range(len(shots))]


def _require_made(wanted: Sequence[tuple[Shot, Path]], damage: Damage) -> None:
    for shot, path in wanted:
        if not path.is_file():
            raise _MissingPictureError(shot.time_s, damage)


def _moments(context: JobContext, source: Source, shots: Sequence[Shot]) -> list[SourceTime]:
    """When frames are shown around the times of exact shots, where their rate does not tell."""
    times = [shot.time_s for shot in shots if shot.exact]
    if video_of(source).times.constant or not times:
        return []
    return read_moments(source, times, context.stopper)


def _known(look: Look, path: Path, work: Preview) -> MediaInfo:
    stream = VideoStream(codec_name(work.format), look.width, look.height)
    return MediaInfo(("image2",), None, path.stat().st_size, stream, None)
