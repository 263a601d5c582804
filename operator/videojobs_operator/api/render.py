"""A render: scenes on a timeline, and what lies over and under them."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from videojobs_operator.api.output import RenderOutput
from videojobs_operator.api.source import DAMAGE_TEXT, OneStream, Source
from videojobs_operator.api.types import (
    DURATION_PATTERN,
    ENDS_AFTER_START,
    Decibels,
    Duration,
    Line,
    Model,
    Pixels,
    SourceUri,
    Speed,
    longer_than_0s,
    rule,
    rules,
)
from videojobs_protocol.work import Damage, JointType, Position, SubtitleMode, TransitionType

_START_TEXT = "When it appears, in the render's time."
_END_TEXT = "When it disappears, in the render's time. Left out: it stays until the end."


class Transition(Model):
    """A blend between neighbouring scenes, sound included."""

    type: TransitionType = Field(description="Kind of blend, by ffmpeg's xfade name.")
    duration: Duration = Field("500ms", description="How long both scenes are seen.")


class Joint(Model):
    """A blend of a scene with the one before it, sound included."""

    type: JointType = Field(description="Kind of blend, by ffmpeg's xfade name; none is a hard cut.")
    duration: Duration = Field("500ms", description="How long both scenes are seen; not used with none.")


class SceneAudio(Model):
    """What is done to a scene's sound."""

    gain: Decibels | None = Field(None, description="How much louder it is made, such as -6dB.")
    stream: OneStream | None = Field(
        None,
        description="Which of the source's streams of sound is taken: default, its number (0 is the first), or a "
        "language. Left out: the default one, or the first that can be decoded.",
    )


class Scene(Model):
    """A cut of a source."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            ENDS_AFTER_START,
            rule("!has(self.end) || !has(self.duration)", "set end or duration, not both"),
            longer_than_0s("duration"),
        )
    )

    source: Source = Field(description="Where the scene is cut from.")
    start: Duration = Field("0s", description="Where the cut begins in the source, such as 1m30s (not 00:01:30).")
    end: Duration | None = Field(
        None, description="Where the cut ends in the source. Left out, or past the source's end: at its end."
    )
    duration: Duration | None = Field(
        None, description="How much of the source is taken, instead of end; how long a still image is shown."
    )
    speed: Speed | None = Field(
        None, description="How fast the scene plays, from 0.25 to 4; the sound keeps its pitch. Left out: 1."
    )
    audio: SceneAudio | None = Field(None, description="What is done to the scene's sound.")
    transition: Joint | None = Field(
        None, description="Blend with the scene before this one, instead of the render's transition."
    )
    chapter: Line | None = Field(None, description="Title of a chapter that begins with this scene.")


class Subtitles(Model):
    """A subtitle file for the whole render."""

    uri: SourceUri = Field(description="SRT, ASS, SSA or VTT file, in any charset.")
    mode: SubtitleMode = Field(
        "Burn",
        description="Burn paints into the picture, Soft adds a stream that players can toggle.",
    )


class Overlay(Model):
    """An image over the picture, such as a logo."""

    model_config = ConfigDict(json_schema_extra=rules(ENDS_AFTER_START))

    source: Source = Field(description="A still image; where it is transparent the picture is seen.")
    position: Position = Field("BottomRight", description="Where it lies.")
    margin: Annotated[int, Field(ge=0, le=4096)] = Field(0, description="Pixels from the edges of the picture.")
    width: Pixels | None = Field(None, description="Width in pixels; the aspect is kept. Left out: the image's own.")
    opacity: Annotated[int, Field(ge=1, le=100)] = Field(100, description="Percent; less than 100 lets through.")
    start: Duration = Field("0s", description=_START_TEXT)
    end: Duration | None = Field(None, description=_END_TEXT)


class Title(Model):
    """Text over the picture."""

    model_config = ConfigDict(json_schema_extra=rules(ENDS_AFTER_START))

    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=500,
            json_schema_extra=rules(
                rule(r"!self.matches('[\x00-\x09\x0b-\x1f\x7f]')", "must hold no control characters but line breaks")
            ),
        ),
    ] = Field(description="What is written; line breaks are kept.")
    font: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]*$", max_length=64)] = Field(
        "Sans", description="Family of the font, by fontconfig's name; the workers must have it."
    )
    size: Annotated[int, Field(ge=8, le=1000)] = Field(48, description="Height of the font, pixels of the output.")
    color: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", max_length=7)] = Field(
        "#ffffff", description="Red, green and blue, such as #ff8800."
    )
    position: Position = Field("Bottom", description="Where it lies.")
    margin: Annotated[int, Field(ge=0, le=4096)] = Field(40, description="Pixels from the edges of the picture.")
    start: Duration = Field("0s", description=_START_TEXT)
    end: Duration | None = Field(None, description=_END_TEXT)


class Music(Model):
    """A music bed under the whole render; it is cut where the render ends."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                f"!self.fadeOut.matches('{DURATION_PATTERN}') || duration(self.fadeOut) <= duration('1h')",
                "fadeOut must not be longer than 1h",
            )
        )
    )

    source: Source = Field(description="Its default stream of sound is taken.")
    gain: Decibels | None = Field(None, description="How much louder it is made, such as -12dB.")
    ducking: Decibels | None = Field(
        None,
        description="How much it is lowered while scenes have sound, such as -10dB. Left out: not at all.",
        json_schema_extra=rules(
            rule("self.startsWith('-') || self.matches('^[+]?0*([.]0)?dB$')", "must lower the music: write -10dB")
        ),
    )
    loop: bool = Field(True, description="Play it again where it is shorter than the render.")
    fade_out: Duration = Field("0s", description="How long it fades out before the render ends.")


class Render(Model):
    """Scenes, one after another, in one file."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "self.scenes.size() == 0 || !has(self.scenes[0].transition)",
                "scenes[0].transition blends with the scene before, and there is none: leave it out",
            )
        )
    )

    scenes: Annotated[list[Scene], Field(min_length=1, max_length=1000)] = Field(
        description="The cuts, in order.", json_schema_extra={"x-kubernetes-list-type": "atomic"}
    )
    transition: Transition | None = Field(
        None, description="Blend between all neighbouring scenes. Left out: hard cuts."
    )
    subtitles: Subtitles | None = Field(None, description="Subtitles over the whole render.")
    overlays: Annotated[list[Overlay], Field(max_length=20)] = Field(
        default_factory=list,
        description="Images over the picture, the last one uppermost.",
        json_schema_extra={"x-kubernetes-list-type": "atomic"},
    )
    titles: Annotated[list[Title], Field(max_length=50)] = Field(
        default_factory=list,
        description="Text over the picture and its overlays.",
        json_schema_extra={"x-kubernetes-list-type": "atomic"},
    )
    music: Music | None = Field(None, description="A music bed under the whole render.")
    damage: Damage = Field("Tolerate", description=DAMAGE_TEXT)
    output: RenderOutput = Field(description="The file to make.")
