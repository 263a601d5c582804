"""JSON schemas of all Kubernetes resources, from a real API server's OpenAPI document, for kubeconform.

kubeconform fetches its schemas from the internet; these are made from the server that the tests start anyway,
and are of the very version that the chart is tested with, our own CustomResourceDefinitions included.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

#: The names of the files, in kubeconform's template language.
LOCATION = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"
_PREFIX = "#/definitions/"


def write_schemas(openapi: Schema, folder: Path) -> None:
    """One self-contained, strict schema a resource."""
    definitions: Schema = openapi["definitions"]
    strict = {name: _strict(definition) for name, definition in definitions.items()}
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            needed = _reachable(name, strict)
            document = {"$ref": _PREFIX + name, "definitions": {each: strict[each] for each in needed}}
            # What has no group (apiVersion: v1) kubeconform looks for under its version.
            path = folder / (kind["group"] or kind["version"]) / f"{kind['kind'].lower()}_{kind['version']}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document), encoding="utf-8")


def _strict(node: Any) -> Any:
    """OpenAPI v2 to JSON schema, with unknown fields refused."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "int-or-string" or node.get("x-kubernetes-int-or-string"):
        return {"type": ["string", "integer"]}
    made = {key: _strict(value) for key, value in node.items() if not key.startswith("x-kubernetes-")}
    if isinstance(node.get("properties"), dict):  # there the keys are names of fields
        made["properties"] = {name: _strict(field) for name, field in node["properties"].items()}
    if _closed(node):
        made["additionalProperties"] = False
    return made


def _closed(node: Schema) -> bool:
    is_schema = isinstance(node.get("properties"), dict) and "type" in node
    open_ended = node.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in node
    return is_schema and not open_ended


def _reachable(name: str, definitions: Schema) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(_references(definitions[current]))
    return found


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].removeprefix(_PREFIX)] if isinstance(node.get("$ref"), str) else []
    return own + [name for value in node.values() for name in _references(value)]
