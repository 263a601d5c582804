"""The field types that several resources share, with their bounds, as OpenAPI v3 and CEL.

A rule lives here once: the API server enforces it at ``kubectl apply`` and the operator's parser again.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION_PATTERN: Final = r"^([0-9]+([.][0-9]+)?(ms|s|m|h))+$"


class Model(BaseModel):
    """Base of all parts of a resource: camelCase in YAML, snake_case here, unknown fields refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Observed(Model):
    """Base of the parts that the operator writes: a newer version's fields are no error."""

    model_config = ConfigDict(extra="ignore")


def rule(expression: str, message: str, **more: str) -> dict[str, str]:
    """A CEL validation rule with the message that the user reads."""
    return {"rule": expression, "message": message, **more}


def rules(*validations: dict[str, str]) -> dict[str, Any]:
    """The rules as schema extension, for a field or a model."""
    return {"x-kubernetes-validations": list(validations)}


def longer_than_0s(field: str) -> dict[str, str]:
    """The rule for a duration that is left out where there is none."""
    # What is no duration is refused by its pattern; the rule must not fail on it too.
    return rule(
        f"!has(self.{field}) || !self.{field}.matches('{DURATION_PATTERN}') || duration(self.{field}) > duration('0s')",
        f"{field} must be longer than 0s",
    )


ENDS_AFTER_START: Final = rule(
    f"!has(self.end) || !self.start.matches('{DURATION_PATTERN}') || !self.end.matches('{DURATION_PATTERN}') || "
    "duration(self.end) > duration(self.start)",
    "end must be after start",
)
IMMUTABLE: Final = rule("self == oldSelf", "is immutable: delete the resource and create it anew")

#: For resources whose name is a label's value, of VideoJobs or pods.
NAME_RULE: Final = rule("self.metadata.name.size() <= 63", "metadata.name must not be longer than 63 characters")

_NO_DOTS: Final = rule(
    r"self.startsWith('http') || !self.matches('(^|/)[.][.](/|$)|%(2[eEfF]|5[cC]|00)')",
    "must not contain '..' nor an encoded dot or slash: write the full path",
)
_READABLE: Final = rule(
    "self.startsWith('file:///') || self.matches('^(s3|https?)://[^/@?#]+/.')",
    "must be file:///ABSOLUTE/PATH on the shared media volume, s3://BUCKET/KEY, or http(s)://HOST/PATH",
)
_WRITABLE: Final = rule(
    "self.startsWith('file:///') || self.matches('^s3://[^/@?#]+/.')",
    "must be file:///ABSOLUTE/PATH on the shared media volume, or s3://BUCKET/KEY",
)

SourceUri = Annotated[str, Field(min_length=9, max_length=2048, json_schema_extra=rules(_READABLE, _NO_DOTS))]
OutputUri = Annotated[str, Field(min_length=9, max_length=1024, json_schema_extra=rules(_WRITABLE, _NO_DOTS))]
Duration = Annotated[str, Field(pattern=DURATION_PATTERN, max_length=32)]
Pixels = Annotated[int, Field(ge=16, le=8192, multiple_of=2)]
BitRate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}[kM]$", max_length=7)]

#: A line of text: no control characters.
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        json_schema_extra=rules(
            rule(r"!self.matches('[\x00-\x1f\x7f]')", "must be one line, without control characters")
        ),
    ),
]
GAIN_MESSAGE: Final = "must be a gain from -60dB to 20dB, such as -6dB"
_GAIN_PATTERN: Final = "^[+-]?[0-9]{1,2}([.][0-9])?dB$"


def _gain(text: str) -> str:
    if not re.fullmatch(_GAIN_PATTERN, text) or not -60 <= decibels(text) <= 20:
        raise ValueError(GAIN_MESSAGE)
    return text


Decibels = Annotated[
    str,
    AfterValidator(_gain),
    Field(
        max_length=7,
        json_schema_extra=rules(
            rule(
                f"self.matches('{_GAIN_PATTERN}') && double(self.replace('dB', '')) >= -60.0 && "
                "double(self.replace('dB', '')) <= 20.0",
                GAIN_MESSAGE,
            )
        ),
    ),
]
SPEED_MESSAGE: Final = "must be a number from 0.25 to 4, such as 2 or '0.5'"


def _speed(value: object) -> str:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]([.][0-9]{1,3})?", text) or not 0.25 <= float(text) <= 4:
        raise ValueError(SPEED_MESSAGE)
    return text


Speed = Annotated[
    str,
    BeforeValidator(_speed),
    Field(
        max_length=5,
        json_schema_extra={
            "x-kubernetes-int-or-string": True,
            **rules(
                rule(
                    "string(self).matches('^[0-9]([.][0-9]{1,3})?$') && double(string(self)) >= 0.25 && "
                    "double(string(self)) <= 4.0",
                    SPEED_MESSAGE,
                )
            ),
        },
    ),
]

_FPS: Final = re.compile(r"^[1-9][0-9]{0,5}(/[1-9][0-9]{0,5})?$")
FPS_MESSAGE: Final = "must be a number of frames a second from 1 to 240, or a ratio such as 30000/1001"


def _frame_rate(value: object) -> str:
    text = str(value)
    if not _FPS.match(text) or not 1 <= frames_per_second(text) <= 240:
        raise ValueError(FPS_MESSAGE)
    return text


FrameRate = Annotated[
    str,
    BeforeValidator(_frame_rate),
    Field(
        max_length=13,
        json_schema_extra={
            "x-kubernetes-int-or-string": True,
            **rules(
                rule(
                    "type(self) == int ? (self >= 1 && self <= 240) : "
                    "string(self).matches('^[1-9][0-9]{0,5}(/[1-9][0-9]{0,5})?$')",
                    FPS_MESSAGE,
                )
            ),
        },
    ),
]


def seconds(duration: str) -> float:
    """``"1m30s"`` to ``90.0``.

    Raises:
        ValueError: not a duration such as ``500ms``, ``10s``, ``1h30m``.
    """
    if not re.match(DURATION_PATTERN, duration):
        raise ValueError(f"{duration!r} is not a duration such as 500ms, 10s or 1h30m")
    return sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION.findall(duration))


def bits_per_second(bit_rate: str) -> int:
    """``"5M"`` to ``5_000_000``."""
    return int(bit_rate[:-1]) * {"k": 1_000, "M": 1_000_000}[bit_rate[-1]]


def decibels(gain: str) -> float:
    """``"-6dB"`` to ``-6.0``."""
    return float(gain.removesuffix("dB"))


def frames_per_second(rate: str) -> float:
    """``"30000/1001"`` to ``29.97...``."""
    numerator, _, denominator = rate.partition("/")
    return int(numerator) / int(denominator or 1)
