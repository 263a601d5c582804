"""The work itself, in plain values: seconds, pixels, bits per second.

The operator makes these from a VideoJob's spec, the Celery tasks make them from a plain client's arguments,
and the worker's pipeline knows nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from videojobs_protocol.decoding import decode
from videojobs_protocol.limits import check
from videojobs_protocol.queues import Kind

VideoCodec = Literal["h264", "h265", "vp9", "av1", "copy"]
AudioCodec = Literal["aac", "opus", "mp3", "flac", "pcm", "copy", "none"]
#: The last five hold sound alone; ``opus`` is Opus in Ogg.
Container = Literal["mp4", "webm", "mkv", "m4a", "mp3", "opus", "flac", "wav"]
Fit = Literal["Pad", "Crop", "Stretch", "Blur"]
Damage = Literal["Tolerate", "Fail"]
Position = Literal[
    "TopLeft", "Top", "TopRight", "Left", "Center", "Right", "BottomLeft", "Bottom", "BottomRight",
]  # fmt: skip
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
#: ``none`` is a hard cut where the render has a transition.
JointType = Literal[TransitionType, "none"]
PixelFormat = Literal["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"]

AUDIO_CONTAINERS: Final[frozenset[Container]] = frozenset({"m4a", "mp3", "opus", "flac", "wav"})
#: Codecs of the sound that a container holds, the usual one first.
AUDIO_CODECS: Final[Mapping[Container, tuple[AudioCodec, ...]]] = {
    "mp4": ("aac", "opus", "mp3", "flac"),
    "webm": ("opus",),
    "mkv": ("aac", "opus", "mp3", "flac", "pcm"),
    "m4a": ("aac",),
    "mp3": ("mp3",),
    "opus": ("opus",),
    "flac": ("flac",),
    "wav": ("pcm",),
}
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
    fit: Fit = "Pad"  # where width and height are both given


@dataclass(frozen=True)
class AudioSettings:
    """How the sound is encoded. ``codec=None`` takes the container's usual one.

    ``streams`` selects the source's streams of sound: ``all``, ``default``, a number from 0, or an ISO 639 code of a
    language. Without one it is the default stream.
    """

    codec: AudioCodec | None = None
    bitrate_bps: int | None = None
    loudness_lufs: int | None = None  # integrated loudness of the output, EBU R 128
    streams: tuple[str, ...] = ()


@dataclass(frozen=True)
class MediaOutput:
    """A media file to make. ``container=None`` is read from the URI's ending.

    ``subtitle_streams`` selects the source's subtitles as ``AudioSettings.streams`` does its sound; without one none
    is taken. ``title`` is the file's own.
    """

    uri: str
    container: Container | None = None
    video: VideoSettings = VideoSettings()
    audio: AudioSettings = AudioSettings()
    subtitle_streams: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Transition:
    """A blend between neighbouring scenes."""

    type: JointType
    duration_s: float = 0.5


@dataclass(frozen=True)
class Scene:
    """A cut of a source, ``[start_s, end_s)``; ``end_s=None`` is the source's end. A still image has a duration.

    ``transition`` is the one with the scene before, instead of the render's. A ``chapter`` of that title begins with
    the scene.
    """

    uri: str
    start_s: float = 0.0
    end_s: float | None = None
    duration_s: float | None = None
    speed: float = 1.0
    gain_db: float = 0.0
    audio_stream: str = ""  # a selector, as in AudioSettings
    transition: Transition | None = None
    chapter: str = ""

    @property
    def asked_end_s(self) -> float | None:
        """Where in its source it ends, as asked by either field; None is the source's end."""
        return self.end_s if self.duration_s is None else self.start_s + self.duration_s


@dataclass(frozen=True)
class Overlay:
    """An image over the picture. ``width=None`` is its own; the aspect is kept. Times are the render's."""

    uri: str
    position: Position = "BottomRight"
    margin: int = 0  # pixels of the output
    width: int | None = None  # pixels of the output
    opacity: int = 100  # percent
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Title:
    """Text over the picture. Times are the render's."""

    text: str
    font: str = "Sans"  # a family, by fontconfig's name
    size: int = 48  # pixels of the output
    color: str = "#ffffff"
    position: Position = "Bottom"
    margin: int = 40  # pixels of the output
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Music:
    """A music bed under the whole render. ``ducking_db`` is how much it is lowered while scenes have sound."""

    uri: str
    gain_db: float = 0.0
    ducking_db: float | None = None
    loop: bool = True
    fade_out_s: float = 0.0


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
    overlays: tuple[Overlay, ...] = ()
    titles: tuple[Title, ...] = ()
    music: Music | None = None
    damage: Damage = "Tolerate"


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
    damage: Damage = "Tolerate"


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
    audio_stream: str = ""  # a selector, as in AudioSettings


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


def sources_of(work: Work) -> tuple[str, ...]:
    """URIs of the media that a work reads: of a render its scenes, overlays and music, in this order."""
    if not isinstance(work, Render):
        return (work.uri,)
    layers = [overlay.uri for overlay in work.overlays]
    return (*(scene.uri for scene in work.scenes), *layers, *([work.music.uri] if work.music else []))


def to_dict(work: Work) -> dict[str, Any]:
    """JSON-ready form: ``{"kind": "transcode", ...fields}``."""
    return {"kind": kind_of(work), **asdict(work)}


_KINDS: Final[Mapping[Any, type[Work]]] = {
    "render": Render,
    "preview": Preview,
    "transcode": Transcode,
    "caption": Caption,
}


def from_dict(data: object) -> Work:
    """The inverse of :func:`to_dict`.

    Raises:
        ValueError: the kind is unknown, a field is missing or unknown, or a value is not one that it may have.
    """
    if not isinstance(data, dict):
        raise ValueError(f"{data!r:.80} is no work")
    fields = dict(data)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"unknown kind of work {kind!r:.80}")
    try:
        work = decode(_KINDS[kind], fields)
        check(work)
    except ValueError as error:
        raise ValueError(f"not a {kind} work: {error}") from None
    return work
