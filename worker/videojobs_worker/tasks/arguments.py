"""What plain Celery clients send, as work. Pure; the shapes are those of docs/how-to/celery-clients.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from videojobs_protocol.work import (
    MAX_BLENDED_SCENES,
    MAX_CRF,
    AudioCodec,
    AudioSettings,
    Caption,
    Container,
    MediaOutput,
    PixelFormat,
    Preview,
    Render,
    Scene,
    Subtitles,
    Transcode,
    Transition,
    VideoCodec,
    VideoSettings,
    WhisperEngine,
    WhisperModel,
)
from videojobs_worker.storage.files import file_uri
from videojobs_worker.tasks import combinations
from videojobs_worker.tasks.argument import Argument, ArgumentError, mapping

_REMOTE = ("s3://", "http://", "https://")

VIDEO_PATH = Argument("video_path", "path", "Absolute path, or a URI of s3, http or https.", required=True)
START_TIME = Argument("start_time", "number", "Where the scene begins in its source.", 0.0, "seconds", low=0)
END_TIME = Argument(
    "end_time", "number", "Where it ends; left out, or past the source's end: there.", None, "seconds", low=0
)
CONTAINER = Argument("container", "choice", "Kind of file.", "mp4", allowed=get_args(Container))
CODEC = Argument(
    "codec", "choice", "Codec of the picture; in webm vp9 is the default.", "h264", allowed=get_args(VideoCodec)
)
WIDTH = Argument("width", "whole", "One side given keeps the aspect; odd is made even.", None, "pixels", 16, 8192)
HEIGHT = Argument("height", "whole", "One side given keeps the aspect; odd is made even.", None, "pixels", 16, 8192)
FPS = Argument("fps", "number", "Frame rate; left out: the source's.", None, "frames a second", 1, 240)
BITRATE = Argument("bitrate", "bit rate", "Such as 800k or 5M, from 1k; left out: by quality.", None, "bits a second")
CRF = Argument(
    "crf",
    "whole",
    "Quality, lower is better; at most 51 with h264 and h265. Left out: the codec's usual one.",
    None,
    "",
    0,
    max(MAX_CRF.values()),
)
PIXEL_FORMAT = Argument(
    "pixel_format",
    "choice",
    "Chroma and depth, by ffmpeg's name. HDR stays HDR in yuv420p10le, else it becomes SDR.",
    "yuv420p",
    allowed=get_args(PixelFormat),
)
AUDIO_CODEC = Argument(
    "audio_codec",
    "choice",
    "Codec of the sound; none drops it. Left out: what the container uses.",
    allowed=get_args(AudioCodec),
)
AUDIO_BITRATE = Argument("audio_bitrate", "bit rate", "Such as 128k, from 1k.", None, "bits a second")
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

_FORMAT = (CONTAINER, CODEC, WIDTH, HEIGHT, FPS, BITRATE, CRF, PIXEL_FORMAT, AUDIO_CODEC, AUDIO_BITRATE)
_SCENE = (VIDEO_PATH, START_TIME, END_TIME)
_JOB = {
    "job_data.scenes[]": _SCENE,
    "job_data.output_format": _FORMAT,
    "job_data": (TRANSITIONS, USE_GPU, SUBTITLES),
}
_IN_A_JOB = ("scenes", "output_format", TRANSITIONS.name, USE_GPU.name, SUBTITLES.name)
#: Each task's arguments, by where they stand.
TASKS: Mapping[str, Mapping[str, tuple[Argument, ...]]] = {
    "render_video_task": _JOB,
    "generate_preview_task": {"": (VIDEO_PATH, NUM_FRAMES)},
    "transcode_task": {"": (VIDEO_PATH,), "output_format": _FORMAT},
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


def transcode(video_path: object, output_format: dict[str, Any], folder: Path, task_id: str) -> Transcode:
    """``transcode_task``'s arguments."""
    return Transcode(source_uri(video_path), (media_output(output_format, folder, task_id),))


def render(job_data: dict[str, Any], folder: Path, task_id: str) -> Render:
    """``render_video_task``'s argument."""
    scenes = mapping("job_data", job_data, _IN_A_JOB).get("scenes")
    if not isinstance(scenes, list) or not scenes:
        raise ArgumentError("scenes: give a list with at least one scene")
    USE_GPU.read(job_data)  # gpu_of() takes it from there; here it is refused where it cannot be meant
    subtitles = job_data.get("subtitles")
    output = media_output(job_data.get("output_format") or {}, folder, task_id)
    combinations.check_encoded(output)
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


def media_output(form: Mapping[str, Any], folder: Path, task_id: str) -> MediaOutput:
    """``output_format``: what stands in ``_FORMAT``; all optional."""
    container = CONTAINER.read(mapping("output_format", form, _names(_FORMAT)))
    video = VideoSettings(
        codec=CODEC.read(form, "vp9" if container == "webm" else "h264"),
        width=WIDTH.read(form),
        height=HEIGHT.read(form),
        fps=FPS.read(form),
        crf=CRF.read(form),
        bitrate_bps=BITRATE.read(form),
        pixel_format=PIXEL_FORMAT.read(form),
    )
    audio = AudioSettings(AUDIO_CODEC.read(form), AUDIO_BITRATE.read(form))
    uri = file_uri(folder / f"{task_id}.{container}")
    output = MediaOutput(uri, container, video, audio)
    combinations.check(output)
    return output


def _scene(number: int, scene: Any) -> Scene:
    where = f"scenes[{number}]"
    mapping(where, scene, _names(_SCENE))
    try:
        start, end = START_TIME.read(scene), END_TIME.read(scene)
    except ArgumentError as error:
        raise ArgumentError(f"{where}.{error}") from None
    if end is not None and end <= start:
        raise ArgumentError(f"{where}: end_time {end} must be after start_time {start}")
    return Scene(source_uri(scene.get("video_path"), f"{where}.video_path"), start, end)


def _names(arguments: Sequence[Argument]) -> list[str]:
    return [argument.name for argument in arguments]
