"""What plain Celery clients send, as work. Pure; the shapes are those of docs/how-to/celery-clients.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from videojobs_protocol.limits import LIMITS
from videojobs_protocol.work import (
    MAX_BLENDED_SCENES,
    Caption,
    Preview,
    Render,
    Scene,
    Subtitles,
    Transcode,
    Transition,
    WhisperEngine,
    WhisperModel,
)
from videojobs_worker.storage.files import file_uri
from videojobs_worker.tasks import output_format
from videojobs_worker.tasks.argument import Argument, ArgumentError, mapping

#: Times that differ by less are the same.
_SAME_S = 0.001
_REMOTE = ("s3://", "http://", "https://")

VIDEO_PATH = Argument("video_path", "path", "Absolute path, or a URI of s3, http or https.", required=True)
START_TIME = Argument("start_time", "number", "Where the scene begins in its source.", 0.0, "seconds", low=0)
END_TIME = Argument(
    "end_time", "number", "Where it ends; left out, or past the source's end: there.", None, "seconds", low=0
)
DURATION = Argument(
    "duration", "number", "How long a still image is shown, or how much is cut, instead of end_time.", None, "seconds",
    low=0,
)  # fmt: skip
_SPEED = LIMITS["Scene", "speed"]
SPEED = Argument(
    "speed", "number", "How fast it is played; the pitch of its sound is kept.", 1.0, "times", _SPEED.least, _SPEED.most
)
_GAIN = LIMITS["Scene", "gain_db"]
GAIN = Argument("gain", "number", "How much louder its sound is made.", 0.0, "decibels", _GAIN.least, _GAIN.most)
TRANSITIONS = Argument(
    "transitions", "flag", f"Fade over half a second between scenes, at most {MAX_BLENDED_SCENES} of them.", False
)
USE_GPU = Argument("use_gpu", "flag", "Encode on the worker's GPU, where it has one.", False)
SUBTITLES = Argument("subtitles", "path", "SRT, ASS, SSA or VTT in any charset, burnt into the picture.")
NUM_FRAMES = Argument("num_frames", "whole", "Pictures, evenly spread.", 10, "", 1, 1000)
MODEL = Argument("model", "choice", "Whisper's checkpoint.", "base", allowed=get_args(WhisperModel))
LANGUAGE = Argument(
    "language",
    "pattern",
    "ISO 639 code of what is spoken; left out: heard.",
    None,
    "an ISO 639 code such as en",
    allowed=("[a-z]{2,3}",),
)  # fmt: skip
TRANSLATE = Argument("translate", "flag", "Into English.", False)
ENGINE = Argument(
    "engine", "choice", "Left out: the fastest that has the model.", None, allowed=get_args(WhisperEngine)
)
MAX_AGE_DAYS = Argument("max_age_days", "number", "What is older is deleted.", 7, "days", 0)
MAX_SIZE_GB = Argument(
    "max_size_gb", "number", "The oldest go until the rest is no more than this.", 50, "GB (10^9 bytes)", 0
)

_SCENE = (VIDEO_PATH, START_TIME, END_TIME, DURATION, SPEED, GAIN)
_JOB = {
    "job_data.scenes[]": _SCENE,
    "job_data.output_format": output_format.RENDER_FORMAT,
    "job_data": (TRANSITIONS, USE_GPU, SUBTITLES),
}
_IN_A_JOB = ("scenes", "output_format", TRANSITIONS.name, USE_GPU.name, SUBTITLES.name)
#: Each task's arguments, by where they stand.
TASKS: Mapping[str, Mapping[str, tuple[Argument, ...]]] = {
    "render_video_task": _JOB,
    "generate_preview_task": {"": (VIDEO_PATH, NUM_FRAMES)},
    "transcode_task": {"": (VIDEO_PATH,), "output_format": output_format.FORMAT},
    "caption_task": {"": (VIDEO_PATH, MODEL, LANGUAGE, TRANSLATE, ENGINE)},
    "batch_render_task": {f"jobs[]{path.removeprefix('job_data')}": each for path, each in _JOB.items()},
    "cleanup_task": {"": (MAX_AGE_DAYS, MAX_SIZE_GB)},
    "monitor_resources_task": {},
}


def source_uri(video_path: object, name: str = "video_path") -> str:
    """A client's path as a URI; http(s) and s3 URIs are taken as they are. ``name`` is the argument's.

    Raises:
        ArgumentError: it is neither.
    """
    if isinstance(video_path, str) and video_path.startswith(_REMOTE):
        return video_path
    if not isinstance(video_path, str) or not video_path.startswith("/"):
        text = f"{name}: {video_path!r} is not an absolute path, nor a URI of s3, http or https"
        raise ArgumentError(text)
    return file_uri(video_path)


def transcode(video_path: object, form: dict[str, Any], folder: Path, task_id: str) -> Transcode:
    """``transcode_task``'s arguments."""
    return Transcode(source_uri(video_path), (output_format.media_output(form, folder, task_id),))


def render(job_data: dict[str, Any], folder: Path, task_id: str) -> Render:
    """``render_video_task``'s argument."""
    scenes = mapping("job_data", job_data, _IN_A_JOB).get("scenes")
    if not isinstance(scenes, list) or not scenes:
        raise ArgumentError("scenes: give a list with at least one scene")
    USE_GPU.read(job_data)  # gpu_of() takes it from there; here it is refused where it cannot be meant
    subtitles = job_data.get("subtitles")
    output = output_format.render_output(job_data.get("output_format") or {}, folder, task_id)
    return Render(
        scenes=tuple(_scene(number, scene) for number, scene in enumerate(scenes)),
        output=output,
        transition=_transition(scenes) if TRANSITIONS.read(job_data) else None,
        subtitles=Subtitles(source_uri(subtitles, "subtitles")) if subtitles else None,
    )


def _transition(scenes: Sequence[Any]) -> Transition | None:
    if len(scenes) > MAX_BLENDED_SCENES:
        text = f"transitions: at most {MAX_BLENDED_SCENES} scenes can have them, {len(scenes)} are given"
        raise ArgumentError(text)
    return Transition("fade", 0.5) if len(scenes) > 1 else None


def preview(video_path: object, num_frames: object, folder: Path, task_id: str) -> Preview:
    """``generate_preview_task``'s arguments."""
    frames = NUM_FRAMES.read({"num_frames": num_frames})
    return Preview(source_uri(video_path), file_uri(folder / task_id), frames)


def caption(video_path: object, options: Mapping[str, Any], folder: Path, task_id: str) -> Caption:
    """``caption_task``'s arguments: model, language, translate, engine."""
    return Caption(
        uri=source_uri(video_path),
        output_uri=file_uri(folder / f"{task_id}.srt"),
        model=MODEL.read(options),
        language=LANGUAGE.read(options),
        translate=TRANSLATE.read(options),
        engine=ENGINE.read(options),
    )


def _scene(number: int, scene: Any) -> Scene:
    where = f"scenes[{number}]"
    mapping(where, scene, _names(_SCENE))
    try:
        start_s, speed, gain_db = START_TIME.read(scene), SPEED.read(scene), GAIN.read(scene)
        end_s = _end_s(scene, start_s)
        duration_s = DURATION.read(scene) if end_s is None else None
    except ArgumentError as error:
        raise ArgumentError(f"{where}.{error}") from None
    uri = source_uri(scene.get("video_path"), f"{where}.video_path")
    return Scene(uri, start_s, end_s, duration_s, speed, gain_db)


def _end_s(scene: Mapping[str, Any], start_s: float) -> float | None:
    """Where the cut ends. Clients may know the duration, too, and send both."""
    end_s, duration_s = END_TIME.read(scene), DURATION.read(scene)
    if duration_s == 0:
        raise ArgumentError(f"duration: {duration_s} is no time: leave it out, or give more")
    if end_s is None:
        return None
    if end_s <= start_s:
        raise ArgumentError(f"end_time: {end_s} must be after start_time {start_s}")
    if duration_s is not None and abs(end_s - start_s - duration_s) > _SAME_S:
        raise ArgumentError(f"duration: {duration_s} is not end_time less start_time: give one of them")
    return float(end_s)


def _names(arguments: Sequence[Argument]) -> list[str]:
    return [argument.name for argument in arguments]
