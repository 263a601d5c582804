"""An argument of a task: what may stand in it, and how it is read. The reference is generated from these."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

Kind = Literal["path", "number", "whole", "choice", "bit rate", "flag", "pattern", "patterns"]

_BIT_RATE: Final = re.compile(r"^(\d+(?:\.\d+)?)([kKmM]?)$")
_FACTOR: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_LEAST_BITS_PER_SECOND: Final = 1000
#: A name whose letters are so much those of a known one is a slip of it.
_LIKE: Final = 0.9
#: No number beyond is meant; infinity and what is no number are not within either.
_FAR: Final = 1e15


class ArgumentError(ValueError):
    """A task's argument cannot be meant; the text names it."""


def mapping(name: str, value: Any, known: Collection[str]) -> Mapping[str, Any]:
    """What must be an object in JSON. Clients may put more into it than is known, but no slips.

    Raises:
        ArgumentError: it is something else, or holds a name that is nearly a known one.
    """
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{name}: {value!r:.80} is not a mapping")
    for key in value:
        if key not in known and (meant := _meant(str(key), known)):
            raise ArgumentError(f"{name}: {key!r:.80} is not known: {meant} is")
    return value


def _meant(slip: str, known: Collection[str]) -> str | None:
    """The known name of the same letters but for one, or that begins so."""
    by_letters = {_letters(name): name for name in known}
    begun = [name for name in known if name.startswith(slip) and len(slip) > 2]
    alike = [by_letters[found] for found in get_close_matches(_letters(slip), by_letters, 1, _LIKE)]
    return next(iter(begun + alike), None)


def _letters(name: str) -> str:
    return "".join(sorted(name.replace("_", "").lower()))


@dataclass(frozen=True)
class Argument:
    """``low`` and ``high`` bound a number in ``unit``; ``allowed`` are a choice's values, or a pattern.

    ``most`` is how many a list of patterns may have.
    """

    name: str
    kind: Kind
    meaning: str
    default: Any = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    required: bool = False
    most: int = 0

    def read(self, form: Mapping[str, Any], default: Any = None) -> Any:
        """Its value in ``form``; the default where it is left out or None.

        Raises:
            ArgumentError: it cannot be meant.
        """
        value = form.get(self.name)
        if value is None:
            return self.default if default is None else default
        readers: dict[str, Callable[[Any], Any]] = {
            "number": self._number,
            "whole": self._number,
            "choice": self._choice,
            "pattern": self._pattern,
            "patterns": self._patterns,
            "bit rate": self._bits_per_second,
            "flag": self._flag,
        }
        return readers.get(self.kind, lambda plain: plain)(value)

    def _number(self, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -_FAR < value < _FAR:
            raise ArgumentError(f"{self.name}: {value!r} is not a number")
        if self.kind == "whole" and value != int(value):
            raise ArgumentError(f"{self.name}: {value!r} is not a whole number")
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise ArgumentError(f"{self.name}: {value!r} is not {self.range}")
        return int(value) if self.kind == "whole" else float(value)

    def _choice(self, value: Any) -> str:
        if value not in self.allowed:
            raise ArgumentError(f"{self.name}: {value!r} is none of {', '.join(self.allowed)}")
        return str(value)

    def _pattern(self, value: Any) -> str:
        if isinstance(value, bool) or not re.fullmatch(self.allowed[0], str(value)):
            raise ArgumentError(f"{self.name}: {value!r:.80} is not {self.unit}")
        return str(value)

    def _patterns(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise ArgumentError(f"{self.name}: {value!r:.80} is not a list of at most {self.most}")
        return tuple(self._pattern(one) for one in value)

    def _flag(self, value: Any) -> bool:
        if value not in (True, False):
            raise ArgumentError(f"{self.name}: {value!r:.80} is not true or false")
        return bool(value)

    def _bits_per_second(self, value: Any) -> int:
        match = _BIT_RATE.match(str(value))
        bits = float(match[1]) * _FACTOR[match[2].lower()] if match else 0.0
        if bits < _LEAST_BITS_PER_SECOND:
            raise ArgumentError(f"{self.name}: {value!r} is not a bit rate such as 800k or 5M, at least 1k")
        return int(bits)

    @property
    def range(self) -> str:
        """What a number may be, in words."""
        if self.high is None:
            return "" if self.low is None else f"from {self.low:g}"
        return f"from {self.low or 0:g} to {self.high:g}"
