"""What plain Celery clients send, as work. Pure; the shapes are those of docs/how-to/celery-clients.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from videojobs_protocol.work import (
    AudioSettings,
    Caption,
    Container,
    MediaOutput,
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

_REMOTE = ("s3://", "http://", "https://")
_TRANSITION = Transition("fade", 0.5)
_BIT_RATE = re.compile(r"^(\d+(?:\.\d+)?)([kKmM]?)$")
_FACTOR = {"": 1, "k": 1_000, "m": 1_000_000}


class ArgumentError(ValueError):
    """A task's argument cannot be meant; the text names it."""


def source_uri(video_path: object) -> str:
    """A client's path as a URI; http(s) and s3 URIs are taken as they are.

    Raises:
        ArgumentError: it is neither.
        FileNotFoundError: it is not there; existing clients read this text.
    """
    if isinstance(video_path, str) and video_path.startswith(_REMOTE):
        return video_path
    if not isinstance(video_path, str) or not video_path.startswith("/"):
        text = f"video_path: {video_path!r} is not an absolute path, nor a URI of s3, http or https"
        raise ArgumentError(text)
    if not Path(video_path).exists():
        raise FileNotFoundError(f"Video file not found: {video_path}")
    return "file://" + quote(video_path)


def transcode(video_path: object, output_format: dict[str, Any], folder: Path, task_id: str) -> Transcode:
    """``transcode_task``'s arguments."""
    return Transcode(source_uri(video_path), (media_output(output_format, folder, task_id),))


def render(job_data: dict[str, Any], folder: Path, task_id: str) -> Render:
    """``render_video_task``'s argument."""
    scenes = job_data.get("scenes")
    if not isinstance(scenes, list) or not scenes:
        raise ArgumentError("scenes: give a list with at least one scene")
    subtitles = job_data.get("subtitles")
    return Render(
        scenes=tuple(_scene(number, scene) for number, scene in enumerate(scenes)),
        output=media_output(job_data.get("output_format") or {}, folder, task_id),
        transition=_TRANSITION if job_data.get("transitions") and len(scenes) > 1 else None,
        subtitles=Subtitles(source_uri(subtitles)) if subtitles else None,
    )


def preview(video_path: object, num_frames: object, folder: Path, task_id: str) -> Preview:
    """``generate_preview_task``'s arguments."""
    if not isinstance(num_frames, int) or not 1 <= num_frames <= 1000:
        raise ArgumentError(f"num_frames: {num_frames!r} is not a number from 1 to 1000")
    return Preview(source_uri(video_path), f"file://{quote(str(folder / task_id))}", num_frames)


def caption(video_path: object, options: dict[str, Any], folder: Path, task_id: str) -> Caption:
    """``caption_task``'s arguments: model, language, translate, engine."""
    language, engine = options.get("language"), options.get("engine")
    if language is not None and not re.fullmatch("[a-z]{2,3}", str(language)):
        raise ArgumentError(f"language: {language!r} is not an ISO 639 code such as en")
    return Caption(
        uri=source_uri(video_path),
        output_uri=f"file://{quote(str(folder / f'{task_id}.srt'))}",
        model=_one_of(options, "model", get_args(WhisperModel), "base"),
        language=language,
        translate=bool(options.get("translate")),
        engine=_one_of(options, "engine", get_args(WhisperEngine), "") if engine else None,
    )


def media_output(form: dict[str, Any], folder: Path, task_id: str) -> MediaOutput:
    """``output_format``: codec, container, width, height, fps, bitrate, crf; all optional."""
    container = _one_of(form, "container", get_args(Container), "mp4")
    codec = _one_of(form, "codec", get_args(VideoCodec), "vp9" if container == "webm" else "h264")
    video = VideoSettings(
        codec=codec,
        width=_number(form, "width", int),
        height=_number(form, "height", int),
        fps=_number(form, "fps", float),
        crf=_number(form, "crf", int),
        bitrate_bps=_bits_per_second(form.get("bitrate")),
    )
    uri = f"file://{quote(str(folder / f'{task_id}.{container}'))}"
    return MediaOutput(uri, container, video, AudioSettings())


def _scene(number: int, scene: Any) -> Scene:
    if not isinstance(scene, dict):
        raise ArgumentError(f"scenes[{number}]: {scene!r} is not a mapping")
    start = _number(scene, "start_time", float) or 0.0
    end = _number(scene, "end_time", float)
    if start < 0 or (end is not None and end <= start):
        raise ArgumentError(f"scenes[{number}]: end_time {end} must be after start_time {start}")
    return Scene(source_uri(scene.get("video_path")), start, end)


def _one_of(form: dict[str, Any], name: str, allowed: tuple[str, ...], default: str) -> Any:
    value = form.get(name) or default
    if value not in allowed:
        raise ArgumentError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value


def _number(form: dict[str, Any], name: str, kind: type[int] | type[float]) -> Any:
    value = form.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentError(f"{name}: {value!r} is not a number")
    if value < 0 or (kind is int and value != int(value)):
        raise ArgumentError(f"{name}: {value!r} is not a {'whole ' if kind is int else ''}number from 0")
    return kind(value)


def _bits_per_second(text: object) -> int | None:
    if text is None:
        return None
    match = _BIT_RATE.match(str(text))
    if not match:
        raise ArgumentError(f"bitrate: {text!r} is not a bit rate such as 800k or 5M")
    return int(float(match[1]) * _FACTOR[match[2].lower()])
