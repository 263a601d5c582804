"""Work on one source: preview, transcode, caption."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from videojobs_operator.api.output import MediaOutput
from videojobs_operator.api.source import DAMAGE_TEXT, OneStream, Source
from videojobs_operator.api.types import Duration, Model, OutputUri, Pixels, rule, rules
from videojobs_protocol.work import CaptionFormat, Damage, ImageFormat, WhisperEngine, WhisperModel


class Sprite(Model):
    """All pictures in one sheet, for players that show them over the seek bar."""

    columns: Annotated[int, Field(ge=1, le=100)] = Field(10, description="Pictures in a row.")
    width: Pixels = Field(160, description="Width of each picture in the sheet, pixels, even.")


class PreviewOutput(Model):
    """Where and how the pictures are written."""

    uri: OutputUri = Field(description="Folder for the pictures: frame-001.jpg and so on.")
    format: ImageFormat = Field("jpg", description="Picture format.")
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
    damage: Damage = Field("Tolerate", description=DAMAGE_TEXT)


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
    format: CaptionFormat = Field("srt", description="Caption format.")
    word_timestamps: bool = Field(
        False, description="Mark in vtt when each word begins, as for karaoke; json always tells it."
    )


class Caption(Model):
    """Speech to text with Whisper."""

    source: Source = Field(description="What to listen to.")
    engine: WhisperEngine | None = Field(
        None,
        description="Which Whisper listens. Left out: faster-whisper where the workers have the model for it, "
        "else openai-whisper.",
    )
    model: WhisperModel = Field("base", description="Whisper model; the workers must have it.")
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$", max_length=3)] | None = Field(
        None, description="ISO 639 code of the spoken language. Left out: detected."
    )
    translate: bool = Field(False, description="Translate into English.")
    audio_stream: OneStream | None = Field(
        None,
        description="Which of the source's streams of sound is listened to: default, its number (0 is the first), or a "
        "language. Left out: the default one, or the first that can be decoded.",
    )
    output: CaptionOutput = Field(description="Where and how the captions are written.")
