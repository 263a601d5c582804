"""The work itself, in plain values: seconds, pixels, bits per second.

The operator makes these from a VideoJob's spec, the Celery tasks make them from a plain client's arguments,
and the worker's pipeline knows nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from videojobs_protocol.queues import Kind

VideoCodec = Literal["h264", "h265", "vp9", "av1", "copy"]
AudioCodec = Literal["aac", "opus", "copy", "none"]
Container = Literal["mp4", "webm", "mkv"]
ImageFormat = Literal["jpg", "png", "webp"]
CaptionFormat = Literal["srt", "vtt", "json"]
WhisperModel = Literal["tiny", "base", "small", "medium", "large", "turbo"]
WhisperEngine = Literal["openai-whisper", "faster-whisper"]
SubtitleMode = Literal["Burn", "Soft"]
TransitionType = Literal[
    "fade", "dissolve",
    "wipeleft", "wiperight", "wipeup", "wipedown",
    "slideleft", "slideright", "slideup", "slidedown",
]  # fmt: skip
PixelFormat = Literal["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"]

#: A transition needs all its scenes open in one ffmpeg.
MAX_BLENDED_SCENES: Final = 50
#: The lowest quality that a codec's encoders know.
MAX_CRF: Final[Mapping[VideoCodec, int]] = {"h264": 51, "h265": 51, "vp9": 63, "av1": 63}


@dataclass(frozen=True)
class VideoSettings:
    """How the picture is encoded. ``None`` leaves the choice to the planner or the source."""

    codec: VideoCodec = "h264"
    width: int | None = None  # pixels; one side given keeps the aspect
    height: int | None = None  # pixels
    fps: float | None = None
    crf: int | None = None
    bitrate_bps: int | None = None
    pixel_format: PixelFormat = "yuv420p"


@dataclass(frozen=True)
class AudioSettings:
    """How the sound is encoded. ``codec=None`` takes the container's usual one."""

    codec: AudioCodec | None = None
    bitrate_bps: int | None = None


@dataclass(frozen=True)
class MediaOutput:
    """A video file to make. ``container=None`` is read from the URI's ending."""

    uri: str
    container: Container | None = None
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()


@dataclass(frozen=True)
class Scene:
    """A cut of a source, ``[start_s, end_s)``; ``end_s=None`` is the source's end."""

    uri: str
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Transition:
    """A blend between neighbouring scenes."""

    type: TransitionType
    duration_s: float


@dataclass(frozen=True)
class Subtitles:
    """A subtitle file, burnt into the picture or carried as a stream."""

    uri: str
    mode: SubtitleMode = "Burn"


@dataclass(frozen=True)
class Render:
    """Scenes, one after another, in one file."""

    scenes: tuple[Scene, ...]
    output: MediaOutput
    transition: Transition | None = None
    subtitles: Subtitles | None = None


@dataclass(frozen=True)
class Sprite:
    """All pictures in one sheet, in rows of ``columns``, each ``width`` pixels wide."""

    columns: int = 10
    width: int = 160


@dataclass(frozen=True)
class Preview:
    """Still pictures of a source: ``frames`` of them evenly spread, or one at each of ``times_s``.

    ``output_uri`` names a folder; the pictures in it are ``frame-001.jpg`` and so on, and with a ``sprite``
    ``sprite.jpg`` and ``sprite.vtt``.
    """

    uri: str
    output_uri: str
    frames: int = 10
    times_s: tuple[float, ...] = ()
    width: int | None = None
    format: ImageFormat = "jpg"
    sprite: Sprite | None = None


@dataclass(frozen=True)
class Transcode:
    """One source, one or more outputs from a single decode."""

    uri: str
    outputs: tuple[MediaOutput, ...]


@dataclass(frozen=True)
class Caption:
    """Speech to text. ``language=None`` is detected; ``engine=None`` is the fastest that has the model."""

    uri: str
    output_uri: str
    model: WhisperModel = "base"
    language: str | None = None
    translate: bool = False
    format: CaptionFormat = "srt"
    engine: WhisperEngine | None = None
    word_times: bool = False  # also in WebVTT; JSON always has them


Work = Render | Preview | Transcode | Caption


def kind_of(work: Work) -> Kind:
    """The kind of a piece of work, as it stands in queue names and in the VideoJob."""
    match work:
        case Render():
            return "render"
        case Preview():
            return "preview"
        case Transcode():
            return "transcode"
        case Caption():
            return "caption"


def to_dict(work: Work) -> dict[str, Any]:
    """JSON-ready form: ``{"kind": "transcode", ...fields}``."""
    return {"kind": kind_of(work), **asdict(work)}


def from_dict(data: dict[str, Any]) -> Work:
    """The inverse of :func:`to_dict`.

    Raises:
        ValueError: the kind is unknown, a field is missing or unknown, or its value is none of its choices.
    """
    work = _from_dict(data)
    _check_choices(work)
    return work


def _check_choices(value: object) -> None:
    """Much of what may be chosen comes into ffmpeg's arguments by its name."""
    for name, hint in get_type_hints(type(value)).items():
        allowed = [
            choice for part in (hint, *get_args(hint)) if get_origin(part) is Literal for choice in get_args(part)
        ]
        held = getattr(value, name)
        for each in held if isinstance(held, tuple) else (held,):
            if is_dataclass(each):
                _check_choices(each)
            elif allowed and each not in (None, *allowed):
                raise ValueError(f"{name}: {each!r:.80} is none of {', '.join(allowed)}")


def _from_dict(data: dict[str, Any]) -> Work:
    fields = dict(data)
    kind = fields.pop("kind", None)
    try:
        match kind:
            case "render":
                return _render(fields)
            case "preview":
                return _preview(fields)
            case "transcode":
                return Transcode(**{**fields, "outputs": tuple(map(_output, fields["outputs"]))})
            case "caption":
                return Caption(**fields)
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a {kind} work: {error}") from error
    raise ValueError(f"unknown kind of work {kind!r}")


def _preview(fields: dict[str, Any]) -> Preview:
    sprite = fields.get("sprite")
    times_s = tuple(fields.get("times_s", ()))
    return Preview(**{**fields, "times_s": times_s, "sprite": Sprite(**sprite) if sprite else None})


def _render(fields: dict[str, Any]) -> Render:
    transition, subtitles = fields.get("transition"), fields.get("subtitles")
    return Render(
        scenes=tuple(Scene(**scene) for scene in fields["scenes"]),
        output=_output(fields["output"]),
        transition=Transition(**transition) if transition else None,
        subtitles=Subtitles(**subtitles) if subtitles else None,
    )


def _output(fields: dict[str, Any]) -> MediaOutput:
    return MediaOutput(
        uri=fields["uri"],
        container=fields.get("container"),
        video=VideoSettings(**fields.get("video", {})),
        audio=AudioSettings(**fields.get("audio", {})),
    )
