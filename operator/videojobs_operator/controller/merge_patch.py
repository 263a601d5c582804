"""The difference of two JSON objects as a merge patch (RFC 7386)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What to merge into ``old`` to get ``new``; empty when they are the same.

    Fields that are None in ``new`` count as absent: a merge patch cannot set them. Lists are replaced whole.
    """
    patch: dict[str, Any] = {name: None for name in old if new.get(name) is None}
    for name, value in new.items():
        before = old.get(name)
        if value is None or value == before:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            if inner := merge_patch(before, value):
                patch[name] = inner
        else:
            patch[name] = value
    return {name: value for name, value in patch.items() if value is not None or old.get(name) is not None}
