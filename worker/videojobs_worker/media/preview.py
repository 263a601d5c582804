"""Preview frames: one ffmpeg that seeks once for each picture, instead of decoding the whole source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from videojobs_protocol.work import ImageFormat, Preview, Sprite
from videojobs_worker.errors import JobError
from videojobs_worker.media.picture import fit_filters, target_size
from videojobs_worker.media.plan import Expectation, Input, Plan, Step, common_arguments, input_arguments
from videojobs_worker.media.sprite import SHEET, TRACK, sheet_of, spans, track
from videojobs_worker.media.transcode import video_of

#: Every input is an open decoder, so that a thousand pictures are made by several runs.
PICTURES_A_RUN: Final = 24
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


def picture_times(work: Preview, source: Input) -> list[float]:
    """When the pictures are taken, in seconds: as asked, or in the middle of equal parts.

    Raises:
        JobError: TimeOutOfRange, where a time is not within the source.
    """
    duration = source.info.duration_s or 0.0
    for time_s in work.times_s:
        if time_s >= duration:
            text = f"{source.uri} is {duration:.3f} s long: there is no picture at {time_s:g} s"
            raise JobError("TimeOutOfRange", text)
    return list(work.times_s) or [duration * (part + 0.5) / work.frames for part in range(work.frames)]


def seek_to(time_s: float, source: Input) -> float:
    """Where to seek, in seconds, so that the first frame decoded is the one shown at ``time_s``.

    A seek gives the first frame at or after its time, so it goes a quarter frame before the wanted one.
    """
    video = video_of(source)
    fps = video.fps
    # The sound may go on after the last picture.
    seconds = video.duration_s or source.info.duration_s or 0.0
    last = max(0, (video.frames or round(seconds * fps)) - 1)
    frame = min(int(time_s * fps + 1e-6), last)
    return max(0.0, (frame - 0.25) / fps)


def plan_preview(work: Preview, source: Input, targets: Sequence[Path], threads: int) -> Plan:
    """The runs that make the files at ``targets``, in the order of :func:`output_names`.

    Raises:
        JobError: NoVideoStream, TimeOutOfRange, InvalidOutput.
    """
    size = target_size(video_of(source), work.width, None)
    times = picture_times(work, source)
    pictures = list(zip(times, targets, strict=False))
    groups = [pictures[at : at + PICTURES_A_RUN] for at in range(0, len(pictures), PICTURES_A_RUN)]
    steps = tuple(_step(work, source, group, size, threads) for group in groups)
    plan = Plan(steps, tuple(Expectation(path, width=size[0], height=size[1]) for _, path in pictures))
    return _with_sprite(plan, work, source, targets, times, threads) if work.sprite else plan


def _with_sprite(
    plan: Plan, work: Preview, source: Input, targets: Sequence[Path], times: Sequence[float], threads: int
) -> Plan:
    *pictures, sheet_path, track_path = targets
    first = plan.expectations[0]
    sheet = sheet_of(work.sprite or Sprite(), len(pictures), (first.width or 1, first.height or 1))
    shown = spans(times, source.info.duration_s or 0.0, even=not work.times_s)
    width, height = sheet.size
    return replace(
        plan,
        steps=(*plan.steps, sheet.step(f"picture-%04d.{work.format}", sheet_path, threads)),
        expectations=(
            *plan.expectations, Expectation(sheet_path, width=width, height=height), Expectation(track_path, text=True),
        ),
        scratch_links={f"picture-{number:04d}.{work.format}": path for number, path in enumerate(pictures, 1)},
        texts={track_path: track(sheet, *shown)},
    )  # fmt: skip


def _step(
    work: Preview,
    source: Input,
    pictures: Sequence[tuple[float, Path]],
    size: tuple[int, int],
    threads: int,
) -> Step:
    filters = ",".join(fit_filters(video_of(source), size))
    inputs: list[str] = []
    outputs: list[str] = []
    for number, (time_s, target) in enumerate(pictures):
        inputs += input_arguments(source.path, 1, "-ss", f"{seek_to(time_s, source):.6f}")
        outputs += ["-map", f"{number}:v:0", "-frames:v", "1", "-vf", filters, "-c:v", *_ENCODER[work.format]]
        outputs += ["-update", "1", "-f", "image2", f"file:{target}"]
    arguments = (*common_arguments(threads), *inputs, *outputs)
    return Step(arguments, 0.0, "Seeking", frames=len(pictures))
