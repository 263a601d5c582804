"""Writes docs/reference/ of the custom resources from their CRDs, and of the tasks: ``make reference``.

Each field with its type, unit, default, range and meaning, as `kubectl explain` and the API server know them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from videojobs_worker.tasks.argument import Argument
from videojobs_worker.tasks.arguments import TASKS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
KINDS = {"videojobs": "VideoJob", "videobatches": "VideoBatch", "workerpools": "WorkerPool"}
#: Those of examples/ that show a kind of work each; the API server's tests take them too.
EXAMPLES = {"VideoJob": ("render", "preview", "transcode", "more/caption")}

Schema = dict[str, Any]

#: Units by a field's name; one that has Seconds in it says it itself.
UNITS = {
    "width": "pixels", "height": "pixels", "bytes": "bytes", "percent": "percent", "fps": "frames a second",
    "bitrate": "bits a second",
    "margin": "pixels", "size": "pixels", "opacity": "percent", "target": "LUFS",
    "gain": "decibels", "ducking": "decibels", "fadeOut": "duration",
    "start": "duration", "end": "duration", "duration": "duration", "times": "durations",
}  # fmt: skip
#: Whole numbers that count things, or that stand on a scale of their own.
COUNTS = frozenset({
    "crf", "speed", "stream", "streams", "audioStream",
    "frames", "columns", "priority", "backoffLimit", "attempt", "failed", "parallelism", "progress", "active",
    "succeeded", "concurrency", "count", "minReplicas", "maxReplicas", "jobsPerReplica", "replicas", "readyReplicas",
    "desiredReplicas", "busyReplicas", "queuedJobs", "runningJobs", "observedGeneration",
})  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One row: the path of a field, and what may stand in it."""

    path: str
    kind: str
    default: str
    allowed: str
    meaning: str


def reference(crd: Schema) -> str:
    """The page of a custom resource."""
    names, version = crd["spec"]["names"], crd["spec"]["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    spec, status = schema["properties"]["spec"], schema["properties"]["status"]
    parts = [
        f"# {names['kind']}",
        f"`{crd['spec']['group']}/{version['name']}`, short name `{names['shortNames'][0]}`. {schema['description']}",
        "Generated from the code by `make reference`; `kubectl explain` tells the same. Paths of list entries end in"
        " `[]`; required fields have no default and are marked with *.",
        *_examples(EXAMPLES.get(names["kind"], ())),
        "## spec",
        _table(list(_fields(spec, ""))),
        "## Rules",
        "\n".join(f"- {rule}" for rule in _rules(spec, "spec")),
        "## status",
        _table(list(_fields(status, ""))),
    ]
    return "\n\n".join(parts) + "\n"


def _examples(names: tuple[str, ...]) -> Iterator[str]:
    if names:
        yield "## Examples"
    for name in names:
        yield f"```yaml\n{(ROOT / 'examples' / f'{name}.yaml').read_text()}```"


def _fields(node: Schema, path: str) -> Iterator[Field]:
    required = set(node.get("required", ()))
    for name, child in node.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield _field(below, child, required=name in required)
        inner, inner_path = child, below
        while inner.get("type") == "array":
            inner, inner_path = inner["items"], f"{inner_path}[]"
        yield from _fields(inner, inner_path)


def _field(path: str, node: Schema, *, required: bool) -> Field:
    default = "*" if required else ""
    if "default" in node and node["default"] != {}:
        default = f"`{json.dumps(node['default'])}`"
    kind, unit = _kind(node), unit_of(path.rpartition(".")[2])
    return Field(path, f"{kind}, {unit}" if unit else kind, default, _allowed(node), node.get("description", ""))


def unit_of(name: str) -> str:
    """The unit of a field, empty where it has none."""
    return "seconds" if "Seconds" in name else UNITS.get(name, "")


def _kind(node: Schema) -> str:
    if node.get("type") == "array":
        return f"list of {_kind(node['items'])}"
    if node.get("format") == "date-time":
        return "time"
    return "integer or string" if node.get("x-kubernetes-int-or-string") else str(node.get("type", "any"))


def _allowed(node: Schema) -> str:
    """The range of a value, or of what a list holds."""
    bounds = {
        "minimum": "from {}", "maximum": "to {}", "multipleOf": "multiple of {}", "minLength": "at least {} characters",
        "maxLength": "at most {} characters", "minItems": "at least {} entries", "maxItems": "at most {} entries",
        "pattern": "`{}`",
    }  # fmt: skip
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    told = [text.format(node[name]) for name, text in bounds.items() if name in node]
    if node.get("type") == "array" and (inner := _allowed(node["items"])):
        told.append(f"each {inner}")
    return ", ".join(told)


def _rules(node: Schema, path: str) -> Iterator[str]:
    for rule in node.get("x-kubernetes-validations", ()):
        yield f"`{path}`: {rule['message']}"
    for name, child in node.get("properties", {}).items():
        yield from _rules(child, f"{path}.{name}")
    if "items" in node:
        yield from _rules(node["items"], f"{path}[]")


def _table(fields: list[Field], what: str = "field") -> str:
    rows = [f"| {what} | type | default | allowed | meaning |", "|---|---|---|---|---|"]
    for field in fields:
        cells = (f"`{field.path}`", field.kind, field.default, field.allowed, field.meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows)


def tasks_page() -> str:
    """The page of the Celery tasks' arguments."""
    parts = [
        "# Celery tasks",
        "What plain clients send, without Kubernetes: [how](../how-to/celery-clients.md). Generated from the code by"
        " `make reference`. Required arguments have no default and are marked with *.",
    ]
    for task, places in TASKS.items():
        rows = [_argument(place, each) for place, arguments in places.items() for each in arguments]
        parts += [f"## {task}", _table(rows, "argument") if rows else "No arguments."]
    return "\n\n".join(parts) + "\n"


def _argument(place: str, argument: Argument) -> Field:
    kinds = {"choice": "string", "whole": "integer", "flag": "boolean", "pattern": "string", "path": "string",
        "patterns": "list of integer or string",
    }  # fmt: skip
    allowed = [f"`{value}`" for value in argument.allowed] or [argument.range]
    unit = argument.unit if argument.kind in ("number", "whole", "bit rate") else ""
    default = "*" if argument.required else f"`{json.dumps(argument.default)}`"
    path = f"{place}.{argument.name}" if place else argument.name
    kind = kinds.get(argument.kind, argument.kind)
    return Field(path, f"{kind}, {unit}" if unit else kind, default, ", ".join(filter(None, allowed)), argument.meaning)


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    crds = {plural: yaml.safe_load((ROOT / "crds" / f"{plural}.yaml").read_text()) for plural in KINDS}
    resources = {FOLDER / f"{KINDS[plural].lower()}.md": reference(crd) for plural, crd in crds.items()}
    return {**resources, FOLDER / "tasks.md": tasks_page()}


def main() -> None:
    """Write them."""
    for path, text in pages().items():
        path.write_text(text)
        print(f"Wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
