"""Intervals of frames or seconds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def merged(intervals: Iterable[tuple[Number, Number]], gap: Number) -> list[tuple[Number, Number]]:
    """The same in order, without overlaps; those that are ``gap`` apart or less become one."""
    found: list[tuple[Number, Number]] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
