"""Preview frames: one ffmpeg that seeks once for each picture, instead of decoding the whole source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_protocol.work import ImageFormat, Preview
from videojobs_worker.errors import JobError
from videojobs_worker.media.picture import fit_filters, target_size
from videojobs_worker.media.plan import Expectation, Input, Plan, Step, common_arguments, input_arguments
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
    """The runs that make the pictures at ``targets``, in the order of :func:`picture_names`."""
    size = target_size(video_of(source), work.width, None)
    pictures = list(zip(picture_times(work, source), targets, strict=True))
    groups = [pictures[at : at + PICTURES_A_RUN] for at in range(0, len(pictures), PICTURES_A_RUN)]
    steps = tuple(_step(work, source, group, size, threads) for group in groups)
    return Plan(steps, tuple(Expectation(path, width=size[0], height=size[1]) for path in targets))


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
