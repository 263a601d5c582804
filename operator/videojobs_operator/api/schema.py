"""pydantic's JSON schema to what a CustomResourceDefinition accepts: a structural OpenAPI v3 schema.

The differences are few: no references, no ``anyOf`` for optional fields, no titles, no constants.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_DROPPED = ("title", "propertyNames")


def openapi_schema(model: type[BaseModel]) -> Schema:
    """The structural schema of a model, with descriptions, bounds, defaults and CEL rules."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return _structural(schema, schema.pop("$defs", {}))


def _structural(schema: Schema, definitions: Schema) -> Schema:
    node = _resolved(schema, definitions)
    if node.get("x-kubernetes-int-or-string"):
        node.pop("type", None)
    if "properties" in node:
        node["properties"] = {name: _structural(child, definitions) for name, child in node["properties"].items()}
    if "items" in node:
        node["items"] = _structural(node["items"], definitions)
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if node.get("default", ...) is None:
        del node["default"]
    node["additionalProperties"] = _map_values(node, definitions)
    return {key: value for key, value in node.items() if key not in _DROPPED and value is not None}


def _map_values(node: Schema, definitions: Schema) -> Schema | None:
    """The schema of a map's values; nothing where unknown fields are only refused, which is the rule anyway."""
    values = node.get("additionalProperties")
    return _structural(values, definitions) if isinstance(values, dict) else None


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Inline references and optional types; what stands beside a reference wins over its target."""
    node = dict(schema)
    if "anyOf" in node:
        (some,) = (option for option in node.pop("anyOf") if option.get("type") != "null")
        node = _merged(some, node)
    if "$ref" in node:
        target = definitions[node.pop("$ref").rpartition("/")[2]]
        node = _merged(target, node)
    return _resolved(node, definitions) if "$ref" in node or "anyOf" in node else node


def _merged(under: Schema, over: Schema) -> Schema:
    rules = "x-kubernetes-validations"
    merged = {**under, **over}
    if rules in under and rules in over:
        merged[rules] = [*under[rules], *over[rules]]
    return merged
