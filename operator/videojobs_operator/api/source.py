"""Where media is read from, and which of its streams."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from videojobs_operator.api.types import Model, SourceUri, rule, rules
from videojobs_protocol.limits import SELECTOR

_MESSAGE: Final = (
    "must be all, default, the number of a stream (0 is the first), or a language by its ISO 639 code, such as eng"
)
_ONE_MESSAGE: Final = "must be one stream: default, its number (0 is the first), or a language, such as eng"


def _selector(message: str, *, several: bool) -> Any:
    def read(value: object) -> str:
        if isinstance(value, bool) or not re.fullmatch(SELECTOR, str(value)) or (value == "all" and not several):
            raise ValueError(message)
        return str(value)

    one = "" if several else " && string(self) != 'all'"
    schema = rules(rule(f"string(self).matches('^({SELECTOR})$'){one}", message))
    return BeforeValidator(read), Field(max_length=8, json_schema_extra={"x-kubernetes-int-or-string": True, **schema})


_many, _one = _selector(_MESSAGE, several=True), _selector(_ONE_MESSAGE, several=False)
#: Streams of one kind.
StreamSelector = Annotated[str, _many[0], _many[1]]
#: A single one.
OneStream = Annotated[str, _one[0], _one[1]]
StreamSelectors = Annotated[
    list[StreamSelector],
    Field(min_length=1, max_length=16, json_schema_extra={"x-kubernetes-list-type": "atomic"}),
]


DAMAGE_TEXT: Final = (
    "What to do where a source holds pictures or sounds that cannot be decoded: go on and report them, unless they are "
    "too many, or fail."
)


class Source(Model):
    """Where media is read from."""

    uri: SourceUri = Field(
        description="What to read: file:///PATH under a root that the workers mount, s3://BUCKET/KEY, or http(s)://HOST/PATH."
    )
