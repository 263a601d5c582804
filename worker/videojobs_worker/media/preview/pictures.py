"""Preview frames: an ffmpeg for each processor that seeks once for each picture, instead of decoding all of the source.

In one run ffmpeg takes its pictures one after the other, on one processor.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Final

from videojobs_protocol.work import ImageFormat, Preview
from videojobs_worker.errors import JobError
from videojobs_worker.media.clocks import SourceTime
from videojobs_worker.media.colour import JFIF, SRGB, WEBP, Colour
from videojobs_worker.media.picture import target_size
from videojobs_worker.media.picture_chain import PictureFormat, picture_chain
from videojobs_worker.media.plan import (
    AT_ONCE,
    Expectation,
    Plan,
    Step,
    common_arguments,
    input_arguments,
    seek_arguments,
)
from videojobs_worker.media.preview.look import Look
from videojobs_worker.media.preview.sprite import SHEET, TRACK, sheet_of, spans, track
from videojobs_worker.media.reading import frame_times, reads_from_start, seek_ahead_s
from videojobs_worker.media.source import Source, video_of
from videojobs_worker.process.demuxers import HEADERS_TELL, TRUST_HEADER

#: Every picture is an open decoder until its run ends: so many are open in all runs side by side.
MOST_OPEN: Final = 24
#: To start another ffmpeg takes as long as two pictures: fewer than these are not shared out.
LEAST_A_RUN: Final = 3
#: Seconds between pictures from which on keyframes are near enough: groups of pictures are seldom longer.
KEYFRAMES_FROM_S: Final = 4.0
#: Where else a picture is looked for that would be black, in parts of the time between pictures.
_MOVES: Final = (0.15, -0.15, 0.3)
#: Readers of images know no other colours than these.
_PIXELS: Final[dict[ImageFormat, tuple[str, Colour]]] = {
    "jpg": ("yuvj420p", JFIF),
    "png": ("rgb24", SRGB),
    "webp": ("yuv420p", WEBP),
}
_ENCODER: Final[dict[ImageFormat, tuple[str, ...]]] = {
    "jpg": ("mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"),
    "png": ("png",),
    "webp": ("libwebp", "-quality", "80"),
}


def picture_names(work: Preview) -> list[str]:
    """File names in order: ``frame-001.jpg`` and so on."""
    count = len(work.times_s) or work.frames
    return [f"frame-{number:03d}.{work.format}" for number in range(1, count + 1)]


def output_names(work: Preview) -> list[str]:
    """All files that a preview makes: its pictures, then the sheet and its track."""
    return [*picture_names(work), *((SHEET, TRACK) if work.sprite else ())]


def picture_times(work: Preview, source: Source) -> list[SourceTime]:
    """When the pictures are taken: as asked, or in the middle of equal parts of the time in which frames are shown.

    Raises:
        JobError: TimeOutOfRange, where a time is not within the source.
    """
    duration = source.info.duration_s or 0.0
    for time_s in work.times_s:
        if time_s >= duration:
            text = f"{source.uri} is {duration:.3f} s long: there is no picture at {time_s:g} s"
            raise JobError("TimeOutOfRange", text)
    if work.times_s:
        return [SourceTime(time_s) for time_s in work.times_s]
    starts_s, shown_s = source.info.picture_starts_s, _shown_s(source)
    return [SourceTime(starts_s + shown_s * (part + 0.5) / work.frames) for part in range(work.frames)]


def _shown_s(source: Source) -> float:
    """How long frames are shown: sound may begin before them, and go on after them."""
    ends_s = source.info.picture_ends_s
    return (source.info.duration_s or 0.0 if ends_s is None else ends_s) - source.info.picture_starts_s


def seek_to(time_s: SourceTime, source: Source, moments: Sequence[SourceTime] = ()) -> SourceTime:
    """Where to seek so that the first frame decoded is the one shown at ``time_s``.

    A seek gives the first frame at or after its time, so it goes a little before the wanted one.

    Args:
        moments: when frames are shown, where their rate is not constant.
    """
    if moments:
        return _before(time_s, moments)
    video = video_of(source)
    fps = video.fps
    # The picture may begin after the sound, and the sound may go on after the last picture.
    starts_s = source.info.picture_starts_s
    last = max(0, (video.times.packets or round(_shown_s(source) * fps)) - 1)
    frame = min(max(0, int((time_s - starts_s) * fps + 1e-6)), last)
    return SourceTime(max(0.0, starts_s + (frame - 0.25) / fps))


def _before(time_s: SourceTime, moments: Sequence[SourceTime]) -> SourceTime:
    """Between the frame shown at a time and the one before it."""
    at = max(0, bisect_right(moments, time_s + 1e-6) - 1)
    return SourceTime(max(0.0, (moments[at] + moments[at - 1]) / 2) if at else 0.0)


@dataclass(frozen=True)
class Shot:
    """A picture to take: the frame shown at ``time_s``, or the nearest group of pictures' first one before it."""

    time_s: SourceTime
    exact: bool = True
    tries: int = 0  # how often it was moved away from black


def codec_name(form: ImageFormat) -> str:
    """ffprobe's name for pictures of a format."""
    return {"jpg": "mjpeg"}.get(form, form)


def first_shots(work: Preview, source: Source) -> list[Shot]:
    """Exact where times were asked for or pictures lie near; else keyframes, had without decoding what is before.

    Raises:
        JobError: TimeOutOfRange.
    """
    times = picture_times(work, source)
    near = _shown_s(source) / len(times) < KEYFRAMES_FROM_S
    return [Shot(time_s, exact=bool(work.times_s) or near) for time_s in times]


def better_shots(shots: Sequence[Shot], looks: Sequence[Look], spacing_s: float, frame_s: float = 0.0) -> list[Shot]:
    """The shots to take again at their places: exact where a keyframe was the one before too, moved where black.

    Args:
        shots: all of them, in order.
        looks: what each of them shows.
        spacing_s: seconds between two.
        frame_s: seconds that a frame is shown. Nothing is moved by less: it would show the same frame.
    """
    before = [None, *looks[:-1]]
    movable = max(map(abs, _MOVES)) * spacing_s >= frame_s
    return [_better(*at, spacing_s, movable=movable) for at in zip(shots, looks, before, strict=True)]


def _better(shot: Shot, look: Look, before: Look | None, spacing_s: float, *, movable: bool) -> Shot:
    if look.black and movable:
        return _moved(shot, spacing_s)
    again = before is not None and before.sha256 == look.sha256
    return replace(shot, exact=shot.exact or again)


def _moved(shot: Shot, spacing_s: float) -> Shot:
    """A little later, a little earlier, later again: never as far as its neighbours."""
    if shot.tries == len(_MOVES):
        return shot
    before = _MOVES[shot.tries - 1] if shot.tries else 0.0
    return Shot(SourceTime(shot.time_s + (_MOVES[shot.tries] - before) * spacing_s), True, shot.tries + 1)


def pictures_a_run(count: int, threads: int) -> int:
    """How many of the pictures one ffmpeg takes."""
    beside = min(AT_ONCE, threads)
    return min(max(ceil(count / beside), LEAST_A_RUN), MOST_OPEN // beside)


def plan_pictures(
    work: Preview,
    source: Source,
    pictures: Sequence[tuple[Shot, Path]],
    threads: int,
    moments: Sequence[SourceTime] = (),
) -> tuple[tuple[Step, ...], tuple[Expectation, ...]]:
    """The runs that take pictures, and what they must have made; ``moments`` as for :func:`seek_to`.

    Raises:
        JobError: NoVideoStream.
    """
    size = target_size(video_of(source), work.width, None)
    a_run = pictures_a_run(len(pictures), threads)
    groups = [pictures[at : at + a_run] for at in range(0, len(pictures), a_run)]
    steps = tuple(_step(work, source, group, size, threads, moments) for group in groups)
    return steps, tuple(Expectation(path, width=size[0], height=size[1]) for _, path in pictures)


def plan_sprite(work: Preview, source: Source, targets: Sequence[Path], shots: Sequence[Shot], threads: int) -> Plan:
    """The sheet and the track of pictures that are there, after them in ``targets``; empty where none was asked for.

    Raises:
        JobError: InvalidOutput, the sheet would be too large.
    """
    if work.sprite is None:
        return Plan((), ())
    *pictures, sheet_path, track_path = targets
    sheet = sheet_of(work.sprite, len(pictures), target_size(video_of(source), work.width, None))
    times = [shot.time_s for shot in shots]
    width, height = sheet.size
    return Plan(
        steps=(sheet.step(f"picture-%04d.{work.format}", sheet_path, threads),),
        expectations=(Expectation(sheet_path, width=width, height=height), Expectation(track_path, text=True)),
        scratch_links={f"picture-{number:04d}.{work.format}": path for number, path in enumerate(pictures, 1)},
        texts={track_path: track(sheet, *spans(times, source.info.duration_s or 0.0, even=not work.times_s))},
    )


def _step(
    work: Preview,
    source: Source,
    pictures: Sequence[tuple[Shot, Path]],
    size: tuple[int, int],
    threads: int,
    moments: Sequence[SourceTime],
) -> Step:
    video, from_start = video_of(source), reads_from_start(source)
    pixel_format, colour = _PIXELS[work.format]
    filters = picture_chain(video, PictureFormat(*size, pixel_format, colour), video.fps)
    inputs: list[str] = []
    outputs: list[str] = []
    for number, (shot, target) in enumerate(pictures):
        chosen = _chosen(shot, source, from_start=from_start)
        if not (from_start and inputs):  # decoded once for all of them
            seek = () if from_start else _seek(shot, source, moments)
            inputs += input_arguments(source.opened, 1, *seek)
        outputs += [
            "-map", f"{0 if from_start else number}:{video.index}", "-frames:v", "1", "-fps_mode", "passthrough",
            "-vf", ",".join([*chosen, *filters]), "-c:v", *_ENCODER[work.format],
            "-update", "1", "-f", "image2", f"file:{target}",
        ]  # fmt: skip
    arguments = (*common_arguments(threads), *inputs, *outputs)
    return Step(arguments, 0.0, "Seeking", frames=len(pictures), sources=(source,), weight=1)


def _chosen(shot: Shot, source: Source, *, from_start: bool) -> list[str]:
    """The filters that give the frame of a shot first, of a source that is decoded from before it."""
    if not from_start:
        return ["trim=start=0"] if shot.exact else []
    return [frame_times(source), f"trim=start={seek_to(shot.time_s, source):.6f}"]


def _seek(shot: Shot, source: Source, moments: Sequence[SourceTime]) -> tuple[str, ...]:
    if shot.exact:
        time_s = seek_to(shot.time_s, source, moments)
        return ("-noaccurate_seek", *seek_arguments(source.info, time_s, seek_ahead_s(source)))
    trust = TRUST_HEADER if HEADERS_TELL.intersection(source.info.formats) else ()
    return ("-noaccurate_seek", *seek_arguments(source.info, shot.time_s), *trust)
