"""A user's pod template over the built one, the way ``kubectl apply`` merges: lists of named things by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Lists whose items are one thing when this field is equal (Kubernetes' patchMergeKey).
_MERGE_KEYS: Final[dict[str, str]] = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
}


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid over ``under``; neither is changed."""
    result = dict(under)
    for key, value in over.items():
        result[key] = _merged_value(key, result.get(key), value)
    return result


def _merged_value(key: str, under: Any, over: Any) -> Any:
    if isinstance(under, Mapping) and isinstance(over, Mapping):
        return merged(under, over)
    if isinstance(under, list) and isinstance(over, list) and key in _MERGE_KEYS:
        return _merged_list(under, over, _MERGE_KEYS[key])
    return over


def _merged_list(under: list[Any], over: list[Any], name: str) -> list[Any]:
    new = {item.get(name): item for item in over}
    kept = [_merged_named(item, new.pop(item.get(name))) if item.get(name) in new else item for item in under]
    return [*kept, *new.values()]


def _merged_named(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    # Both give a variable its value in their own way: value and valueFrom exclude each other.
    if "name" in over and ("value" in over or "valueFrom" in over):
        under = {key: value for key, value in under.items() if key not in ("value", "valueFrom")}
    return merged(under, over)
