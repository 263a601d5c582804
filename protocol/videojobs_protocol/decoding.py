"""JSON of a message as dataclasses, by the types of their fields. Any process with Redis' password can send one."""

from __future__ import annotations

import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def decode(cls: type[T], data: object, path: str = "") -> T:
    """A dataclass from its JSON; what is one already is taken as it is. ``path`` is that of ``data`` in the message.

    Raises:
        ValueError: a field is missing, unknown, or of another type; the text names it.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{path or cls.__name__}: {data!r:.80} is not an object")
    known = {each.name: each for each in fields(cls)}  # type: ignore[arg-type]
    if unknown := [name for name in data if name not in known]:
        raise ValueError(f"{_below(path, unknown[0])}: is unknown")
    if missing := [name for name, each in known.items() if name not in data and _required(each)]:
        raise ValueError(f"{_below(path, missing[0])}: is missing")
    hints = _hints(cast("Hashable", cls))
    return cls(**{name: _value(hints[name], value, _below(path, name)) for name, value in data.items()})


@cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _below(path: str, name: object) -> str:
    return f"{path}.{name!s:.80}" if path else f"{name!s:.80}"


def _value(hint: Any, value: object, path: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _one_of([each for each in arguments if each is not type(None)], value, path)
    if origin is Literal:
        return _choice(arguments, value, path)
    if origin is tuple:
        return _items(arguments[0], value, path)
    if is_dataclass(hint):
        return decode(cast("type[Any]", hint), value, path)
    return _plain(hint, value, path)


def _one_of(hints: list[Any], value: object, path: str) -> Any:
    if is_dataclass(value) and isinstance(value, tuple(hints)):
        return value
    (hint,) = hints
    return _value(hint, value, path)


def _choice(allowed: tuple[Any, ...], value: object, path: str) -> Any:
    if value not in allowed:
        raise ValueError(f"{path}: {value!r:.80} is none of {', '.join(map(str, allowed))}")
    return value


def _items(hint: Any, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{path}: {value!r:.80} is not a list")
    return tuple(_value(hint, one, f"{path}[{number}]") for number, one in enumerate(value))


def _plain(kind: type, value: object, path: str) -> Any:
    """Python's ``bool`` is an ``int``, and JSON's ``1`` may be meant for a ``float``."""
    if kind is float and type(value) is int:
        return _finite(value, path)
    if type(value) is not kind:
        raise ValueError(f"{path}: {value!r:.80} is no {kind.__name__}")
    if isinstance(value, str):
        return _text(value, path)
    return value


def _finite(value: int, path: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{path}: a number of {value.bit_length()} bits is too large") from None


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{path}: {value!r:.80} is not Unicode text: it has half a surrogate pair") from None
    return value
