"""Media files to make: container, picture, sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from videojobs_operator.api.source import StreamSelectors
from videojobs_operator.api.types import BitRate, FrameRate, Line, Model, OutputUri, Pixels, rule, rules
from videojobs_protocol.work import AUDIO_CODECS, MAX_CRF, AudioCodec, Container, Fit, PixelFormat, VideoCodec

_PICTURE_RULES = (
    rule("!has(self.crf) || !has(self.bitrate)", "set crf or bitrate, not both"),
    rule(
        f"!has(self.crf) || self.crf <= {MAX_CRF['h264']} || !(self.codec in ['h264', 'h265'])",
        f"crf of h264 and h265 is at most {MAX_CRF['h264']}: give less, or choose vp9 or av1",
    ),
    rule(
        "self.codec != 'av1' || self.pixelFormat in ['yuv420p', 'yuv420p10le']",
        "av1 is encoded as yuv420p or yuv420p10le: choose one of them, or another codec",
    ),
)
_COPY_RULE = rule(
    "self.codec != 'copy' || !(has(self.width) || has(self.height) || has(self.fps) || has(self.crf) || "
    "has(self.bitrate)) && self.pixelFormat == 'yuv420p'",
    "codec copy changes nothing: leave out width, height, fps, crf, bitrate and pixelFormat, or choose another codec",
)


class Video(Model):
    """How the picture is encoded."""

    model_config = ConfigDict(json_schema_extra=rules(*_PICTURE_RULES, _COPY_RULE))

    codec: VideoCodec = Field("h264", description="Codec of the picture; copy takes the source's stream as it is.")
    width: Pixels | None = Field(None, description="Width in pixels, even; with height left out the aspect is kept.")
    height: Pixels | None = Field(None, description="Height in pixels, even; with width left out the aspect is kept.")
    fps: FrameRate | None = Field(None, description="Constant frame rate: a number, or a ratio such as 30000/1001.")
    crf: Annotated[int, Field(ge=0, le=max(MAX_CRF.values()))] | None = Field(
        None, description="Constant quality, lower is better: at most 51 with h264 and h265, 63 with vp9 and av1."
    )
    bitrate: BitRate | None = Field(
        None, description="Average bit rate, such as 800k or 5M; encoded in two passes where the codec can."
    )
    pixel_format: PixelFormat = Field(
        "yuv420p",
        description="Chroma and depth of the picture, by ffmpeg's name. HDR sources stay HDR in yuv420p10le, and are "
        "tone-mapped to SDR in all others.",
    )
    fit: Fit = Field(
        "Pad",
        description="How a picture of another shape comes into width and height, where both are given: with black "
        "bars, cut at its sides, stretched, or with bars that show it enlarged and blurred.",
    )


class RenderVideo(Video):
    """How the picture is encoded: scenes differ, so that none is merely copied."""

    model_config = ConfigDict(json_schema_extra=rules(*_PICTURE_RULES))

    codec: Literal["h264", "h265", "vp9", "av1"] = Field("h264", description="Codec of the picture.")


class Loudness(Model):
    """How loud the output is."""

    target: Annotated[int, Field(ge=-31, le=-9)] = Field(
        -16, description="Integrated loudness in LUFS (EBU R 128): measured first, then changed by one gain."
    )


_LOUDNESS_RULE = rule(
    "!has(self.loudness) || !has(self.codec) || !(self.codec in ['copy', 'none'])",
    "loudness changes the sound: choose a codec instead of copy and none, or leave loudness out",
)


class _EncodedAudio(Model):
    """What is asked of encoded sound."""

    model_config = ConfigDict(json_schema_extra=rules(_LOUDNESS_RULE))

    bitrate: BitRate | None = Field(
        None, description="Average bit rate, such as 128k. Left out: the codec's usual one for each pair of channels."
    )
    loudness: Loudness | None = Field(None, description="Left out: the sound stays as loud as it is.")


class RenderAudio(_EncodedAudio):
    """How the sound is encoded."""

    codec: Literal["aac", "opus", "mp3", "flac", "pcm", "none"] | None = Field(
        None, description="Codec of the sound; none drops it. Left out: aac in mp4 and mkv, opus in webm."
    )


class Audio(_EncodedAudio):
    """How the sound is encoded."""

    codec: AudioCodec | None = Field(
        None,
        description="Codec of the sound; none drops it. Left out: aac in mp4, mkv and m4a, opus in webm and opus, mp3, "
        "flac, and pcm in wav; a source's that fits is copied.",
    )
    streams: StreamSelectors | None = Field(
        None,
        description="Which streams of sound the source has are taken: all, default, numbers (0 is the first), or "
        "languages. Left out: the default one, or the first that can be decoded.",
    )


class SubtitleStreams(Model):
    """Which of the source's subtitles are taken."""

    streams: StreamSelectors = Field(description="all, default, numbers (0 is the first), or languages.")


class Metadata(Model):
    """What the file says of itself."""

    title: Line | None = Field(None, description="Its title.")


#: In full: the API server holds a default to the rules before it fills in those of its fields.
_VIDEO_DEFAULT: JsonDict = {"codec": "h264", "pixelFormat": "yuv420p", "fit": "Pad"}
_CONTAINER = "(has(self.container) ? self.container : self.uri.substring(self.uri.lastIndexOf('.') + 1))"
_VIDEO_CODEC = "(has(self.video) ? self.video.codec : 'h264')"
_VIDEO_ENDINGS: Final[tuple[Container, ...]] = ("mp4", "webm", "mkv")
_AUDIO_ENDINGS: Final[tuple[Container, ...]] = ("m4a", "mp3", "opus", "flac", "wav")


def _listed(names: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _holds(container: Container) -> dict[str, str]:
    codecs = AUDIO_CODECS[container]
    allowed = [*codecs, "copy"] + (["none"] if container in _VIDEO_ENDINGS else [])
    return rule(
        f"{_CONTAINER} != '{container}' || !has(self.audio) || !has(self.audio.codec) || self.audio.codec in {allowed}",
        f"{container} holds {_listed(codecs, 'or')}: leave audio.codec out, or choose another container",
    )


_WEBM_RULE = rule(
    f"{_CONTAINER} != 'webm' || {_VIDEO_CODEC} in ['vp9', 'av1', 'copy']",
    "webm holds vp9 or av1: set video.codec, or choose mp4 or mkv",
)


def _output_rules(containers: Sequence[Container], *more: dict[str, str]) -> dict[str, Any]:
    known = rule(
        f"has(self.container) || self.uri.matches('[.]({'|'.join(containers)})$')",
        f"give container, or a uri that ends in {_listed([f'.{name}' for name in containers], 'or')}",
    )
    # Matroska needs no rule: it holds every codec.
    return rules(known, _WEBM_RULE, *(_holds(container) for container in containers if container != "mkv"), *more)


_URI_TEXT = (
    "File to make; what is there is replaced once the new one is verified. file:///PATH under a root that the workers "
    "may write, or s3://BUCKET/KEY."
)
_SOUND_ONLY_RULES = tuple(
    rule(
        f"!({_CONTAINER} in {list(_AUDIO_ENDINGS)}) || !has(self.{field})",
        f"{_listed(_AUDIO_ENDINGS, 'and')} hold sound alone: leave {field} out, or choose mp4, webm or mkv",
    )
    for field in ("video", "subtitles")
)


class MediaOutput(Model):
    """A media file to make."""

    model_config = ConfigDict(json_schema_extra=_output_rules((*_VIDEO_ENDINGS, *_AUDIO_ENDINGS), *_SOUND_ONLY_RULES))

    uri: OutputUri = Field(description=_URI_TEXT)
    container: Container | None = Field(
        None,
        description="Container format; m4a, mp3, opus (Ogg), flac and wav hold sound alone. Left out: the uri's ending "
        "says it.",
    )
    # No default is written out: it would stand in files of sound, too, which have no picture.
    video: Video | None = Field(
        None, description="How the picture is encoded. Left out: as h264, where the container holds pictures."
    )
    audio: Audio = Field(
        default_factory=Audio,
        description="How the sound is encoded.",
        json_schema_extra={"default": {}},
    )
    subtitles: SubtitleStreams | None = Field(None, description="Left out: no subtitles are taken.")


class RenderOutput(Model):
    """A video file to make."""

    model_config = ConfigDict(json_schema_extra=_output_rules(_VIDEO_ENDINGS))

    uri: OutputUri = Field(description=_URI_TEXT)
    container: Literal["mp4", "webm", "mkv"] | None = Field(
        None, description="Container format. Left out: the uri's ending says it."
    )
    video: RenderVideo = Field(
        default_factory=RenderVideo,
        description="How the picture is encoded.",
        json_schema_extra={"default": _VIDEO_DEFAULT},
    )
    audio: RenderAudio = Field(
        default_factory=RenderAudio,
        description="How the sound is encoded.",
        json_schema_extra={"default": {}},
    )
    metadata: Metadata | None = Field(None, description="Left out: none, whatever the sources say of themselves.")
