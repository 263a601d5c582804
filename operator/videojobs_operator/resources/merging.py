"""A user's pod template over the built one, the way ``kubectl apply`` merges: lists of named things by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from videojobs_operator.core.validation import SpecError

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


def merged(under: Mapping[str, Any], over: Any, field: str = "spec.template") -> dict[str, Any]:
    """``over`` laid over ``under``; neither is changed. ``field`` is where ``over`` stands in the resource.

    Raises:
        SpecError: ``over`` has another shape than what it is laid over.
    """
    if not isinstance(over, Mapping):
        raise SpecError(field, "must be an object")
    result = dict(under)
    for key, value in over.items():
        result[key] = _merged_value(key, result.get(key), value, f"{field}.{key}")
    return result


def _merged_value(key: str, under: Any, over: Any, field: str) -> Any:
    if over is None:
        return None
    if isinstance(under, Mapping):
        return merged(under, over, field)
    if isinstance(under, list) and key in _MERGE_KEYS:
        return _merged_list(under, over, _MERGE_KEYS[key], field)
    return over


def _merged_list(under: list[Any], over: Any, name: str, field: str) -> list[Any]:
    if not isinstance(over, list) or not all(_has(item, name) for item in over):
        raise SpecError(field, f"must be a list of objects that each have a {name}")
    new = {item[name]: item for item in over}
    kept = [_merged_named(item, new.pop(item[name]), field) if item[name] in new else item for item in under]
    return [*kept, *new.values()]


def _has(item: Any, name: str) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get(name), str | int)


def _merged_named(under: Mapping[str, Any], over: Mapping[str, Any], field: str) -> dict[str, Any]:
    # Both give a variable its value in their own way: value and valueFrom exclude each other.
    if "name" in over and ("value" in over or "valueFrom" in over):
        under = {key: value for key, value in under.items() if key not in ("value", "valueFrom")}
    return merged(under, over, f"{field}[]")
