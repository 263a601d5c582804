"""The four kinds of work as they stand in ``spec``: render, preview, transcode, caption."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from videojobs_operator.api.types import (
    DURATION_PATTERN,
    BitRate,
    Duration,
    FrameRate,
    Model,
    OutputUri,
    Pixels,
    SourceUri,
    rule,
    rules,
)
from videojobs_protocol.work import MAX_CRF, TransitionType


class Source(Model):
    """Where media is read from."""

    uri: SourceUri = Field(
        description="What to read: file:///PATH under a root that the workers mount, s3://BUCKET/KEY, or http(s)://HOST/PATH."
    )


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

    codec: Literal["h264", "h265", "vp9", "av1", "copy"] = Field(
        "h264", description="Codec of the picture; copy takes the source's stream as it is."
    )
    width: Pixels | None = Field(None, description="Width in pixels, even; with height left out the aspect is kept.")
    height: Pixels | None = Field(None, description="Height in pixels, even; with width left out the aspect is kept.")
    fps: FrameRate | None = Field(None, description="Constant frame rate: a number, or a ratio such as 30000/1001.")
    crf: Annotated[int, Field(ge=0, le=max(MAX_CRF.values()))] | None = Field(
        None, description="Constant quality, lower is better: at most 51 with h264 and h265, 63 with vp9 and av1."
    )
    bitrate: BitRate | None = Field(
        None, description="Average bit rate, such as 800k or 5M; encoded in two passes where the codec can."
    )
    pixel_format: Literal["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"] = Field(
        "yuv420p",
        description="Chroma and depth of the picture, by ffmpeg's name. HDR sources stay HDR in yuv420p10le, and are "
        "tone-mapped to SDR in all others.",
    )


class RenderVideo(Video):
    """How the picture is encoded: scenes differ, so that none is merely copied."""

    model_config = ConfigDict(json_schema_extra=rules(*_PICTURE_RULES))

    codec: Literal["h264", "h265", "vp9", "av1"] = Field("h264", description="Codec of the picture.")


class Audio(Model):
    """How the sound is encoded."""

    codec: Literal["aac", "opus", "copy", "none"] | None = Field(
        None,
        description="Codec of the sound; none drops it. Left out: aac in mp4 and mkv, opus in webm; a source's that "
        "fits is copied.",
    )
    bitrate: BitRate | None = Field(None, description="Average bit rate, such as 128k.")


class RenderAudio(Audio):
    """How the sound is encoded."""

    codec: Literal["aac", "opus", "none"] | None = Field(
        None, description="Codec of the sound; none drops it. Left out: aac in mp4 and mkv, opus in webm."
    )


#: In full: the API server holds a default to the rules before it fills in those of its fields.
_VIDEO_DEFAULT: JsonDict = {"codec": "h264", "pixelFormat": "yuv420p"}
_WEBM = "!(has(self.container) ? self.container == 'webm' : self.uri.endsWith('.webm'))"
_VIDEO_CODEC = "(has(self.video) ? self.video.codec : 'h264')"


class MediaOutput(Model):
    """A video file to make."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "has(self.container) || self.uri.matches('[.](mp4|webm|mkv)$')",
                "give container, or a uri that ends in .mp4, .webm or .mkv",
            ),
            rule(
                f"{_WEBM} || {_VIDEO_CODEC} in ['vp9', 'av1', 'copy']",
                "webm holds vp9 or av1: set video.codec, or choose mp4 or mkv",
            ),
            rule(
                f"{_WEBM} || !has(self.audio) || !has(self.audio.codec) || self.audio.codec != 'aac'",
                "webm holds opus: leave audio.codec out, or choose mp4 or mkv",
            ),
        )
    )

    uri: OutputUri = Field(
        description="File to make; what is there is replaced once the new one is verified. file:///PATH under a root "
        "that the workers may write, or s3://BUCKET/KEY."
    )
    container: Literal["mp4", "webm", "mkv"] | None = Field(
        None, description="Container format. Left out: the uri's ending says it."
    )
    video: Video = Field(
        default_factory=Video,
        description="How the picture is encoded.",
        json_schema_extra={"default": _VIDEO_DEFAULT},
    )
    audio: Audio = Field(
        default_factory=Audio,
        description="How the sound is encoded.",
        json_schema_extra={"default": {}},
    )


class RenderOutput(MediaOutput):
    """A video file to make."""

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


class Scene(Model):
    """A cut of a source."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                # What is no duration is refused by its pattern; the rule must not fail on it too.
                f"!has(self.end) || !self.start.matches('{DURATION_PATTERN}') || "
                f"!self.end.matches('{DURATION_PATTERN}') || duration(self.end) > duration(self.start)",
                "end must be after start",
            )
        )
    )

    source: Source = Field(description="Where the scene is cut from.")
    start: Duration = Field("0s", description="Where the cut begins in the source, such as 1m30s (not 00:01:30).")
    end: Duration | None = Field(
        None, description="Where the cut ends in the source. Left out, or past the source's end: at its end."
    )


class Transition(Model):
    """A blend between neighbouring scenes, sound included."""

    type: TransitionType = Field(description="Kind of blend, by ffmpeg's xfade name.")
    duration: Duration = Field("500ms", description="How long both scenes are seen.")


class Subtitles(Model):
    """A subtitle file for the whole render."""

    uri: SourceUri = Field(description="SRT, ASS or VTT file, in UTF-8 or UTF-16.")
    mode: Literal["Burn", "Soft"] = Field(
        "Burn",
        description="Burn paints into the picture, Soft adds a stream that players can toggle.",
    )


class Render(Model):
    """Scenes, one after another, in one file."""

    scenes: Annotated[list[Scene], Field(min_length=1, max_length=1000)] = Field(
        description="The cuts, in order.", json_schema_extra={"x-kubernetes-list-type": "atomic"}
    )
    transition: Transition | None = Field(
        None, description="Blend between all neighbouring scenes. Left out: hard cuts."
    )
    subtitles: Subtitles | None = Field(None, description="Subtitles over the whole render.")
    output: RenderOutput = Field(description="The file to make.")


class Sprite(Model):
    """All pictures in one sheet, for players that show them over the seek bar."""

    columns: Annotated[int, Field(ge=1, le=100)] = Field(10, description="Pictures in a row.")
    width: Pixels = Field(160, description="Width of each picture in the sheet, pixels, even.")


class PreviewOutput(Model):
    """Where and how the pictures are written."""

    uri: OutputUri = Field(description="Folder for the pictures: frame-001.jpg and so on.")
    format: Literal["jpg", "png", "webp"] = Field("jpg", description="Picture format.")
    width: Pixels | None = Field(None, description="Width in pixels; the aspect is kept.")
    sprite: Sprite | None = Field(
        None, description="Also make sprite.jpg with all pictures, and sprite.vtt (WebVTT) that tells where they are."
    )


class Preview(Model):
    """Still pictures of a source."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("!has(self.times) || !has(self.frames)", "set frames or times, not both"),
        )
    )

    source: Source = Field(description="What to look at.")
    frames: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Number of pictures, evenly spread. Left out with no times: 10."
    )
    times: Annotated[list[Duration], Field(min_length=1, max_length=1000)] | None = Field(
        None,
        description="Exact times of the pictures, such as 12.5s (not 00:00:12.5).",
        json_schema_extra={"x-kubernetes-list-type": "atomic"},
    )
    output: PreviewOutput = Field(description="Where and how the pictures are written.")


class Transcode(Model):
    """One source into one or more files, from a single decode."""

    source: Source = Field(description="What to transcode.")
    outputs: Annotated[list[MediaOutput], Field(min_length=1, max_length=8)] = Field(
        description="The files to make.", json_schema_extra={"x-kubernetes-list-type": "atomic"}
    )


class CaptionOutput(Model):
    """Where and how the captions are written."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!has(self.wordTimestamps) || !self.wordTimestamps || (has(self.format) && self.format != 'srt')",
                "srt has no times of words: set format to vtt or json, or leave out wordTimestamps",
            ),
        )
    )

    uri: OutputUri = Field(description="File to make; what is there is replaced once the new one is verified.")
    format: Literal["srt", "vtt", "json"] = Field("srt", description="Caption format.")
    word_timestamps: bool = Field(
        False, description="Mark in vtt when each word begins, as for karaoke; json always tells it."
    )


class Caption(Model):
    """Speech to text with Whisper."""

    source: Source = Field(description="What to listen to.")
    engine: Literal["openai-whisper", "faster-whisper"] | None = Field(
        None,
        description="Which Whisper listens. Left out: faster-whisper where the workers have the model for it, "
        "else openai-whisper.",
    )
    model: Literal["tiny", "base", "small", "medium", "large", "turbo"] = Field(
        "base", description="Whisper model; the workers must have it."
    )
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$", max_length=3)] | None = Field(
        None, description="ISO 639 code of the spoken language. Left out: detected."
    )
    translate: bool = Field(False, description="Translate into English.")
    output: CaptionOutput = Field(description="Where and how the captions are written.")
