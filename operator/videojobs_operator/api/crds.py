"""The CustomResourceDefinitions, built from the typed models.

``python -m videojobs_operator.api.crds FOLDER`` writes them; ``make crds`` does so for ``crds/`` and the
chart, and a test holds the three equal.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel

from videojobs_operator.api import GROUP, VERSION
from videojobs_operator.api.schema import Schema, openapi_schema
from videojobs_operator.api.types import NAME_RULE, rules
from videojobs_operator.api.videobatch import VideoBatchSpec, VideoBatchStatus
from videojobs_operator.api.videojob import UNSEEN_STATUS, VideoJobSpec, VideoJobStatus
from videojobs_operator.api.workerpool import WorkerPoolSpec, WorkerPoolStatus

HEADER = "# Generated from operator/videojobs_operator/api by `make crds`. Do not edit.\n"


#: Reconciling has the reason of whatever keeps a job, and that of its end.
_WHY: Final = ".status.conditions[?(@.type=='Reconciling')].reason"


def column(name: str, path: str, kind: str = "string", *, wide: bool = False, about: str = "") -> Schema:
    """A printer column of ``kubectl get``."""
    entry: Schema = {"name": name, "type": kind, "jsonPath": path}
    return entry | ({"description": about} if about else {}) | ({"priority": 1} if wide else {})


def videojob_crd() -> Schema:
    """The CustomResourceDefinition of VideoJob."""
    columns = [
        column("Kind", ".status.kind", about="Kind of work"),
        column("Phase", ".status.phase"),
        column("Progress", ".status.progress.percent", "integer", about="Percent of the attempt"),
        column("Queue", ".status.queue.name"),
        column("Attempt", ".status.attempt", "integer"),
        column("Worker", ".status.worker.pod", wide=True),
        column("Output", ".status.outputs[0].uri", wide=True),
        column("Reason", _WHY, wide=True, about="Why it failed, or is not done yet"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]
    status = openapi_schema(VideoJobStatus) | {"default": UNSEEN_STATUS}
    selectable = [".spec.gpu", ".status.kind", ".status.phase"]
    return _crd(
        "VideoJob", "vj", VideoJobSpec, status, columns,
        "A piece of video work: render, preview, transcode or caption.", selectable,
    )  # fmt: skip


def videobatch_crd() -> Schema:
    """The CustomResourceDefinition of VideoBatch."""
    columns = [
        column("Phase", ".status.phase"),
        column("Completions", ".status.completions", about="Items that are made, of all"),
        column("Progress", ".status.progress", "integer", about="Percent of all items together"),
        column("Active", ".status.active", "integer"),
        column("Failed", ".status.failed", "integer"),
        column("Parallelism", ".spec.parallelism", "integer", wide=True),
        column("Reason", _WHY, wide=True, about="Why it failed, or is not done yet"),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]
    status = openapi_schema(VideoBatchStatus) | {"default": UNSEEN_STATUS}
    crd = _crd(
        "VideoBatch", "vb", VideoBatchSpec, status, columns, "Many VideoJobs from a list.", [".status.phase"]
    )  # fmt: skip
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] |= rules(NAME_RULE)
    return crd


def workerpool_crd() -> Schema:
    """The CustomResourceDefinition of WorkerPool."""
    columns = [
        column("Desired", ".status.desiredReplicas", "integer"),
        column("Replicas", ".status.replicas", "integer"),
        column("Ready", ".status.readyReplicas", "integer"),
        column("Busy", ".status.busyReplicas", "integer"),
        column("Queued", ".status.queuedJobs", "integer"),
        column("Min", ".spec.scaling.minReplicas", "integer", wide=True),
        column("Max", ".spec.scaling.maxReplicas", "integer", wide=True),
        column("Decision", ".status.decision", wide=True),
        column("Age", ".metadata.creationTimestamp", "date"),
    ]
    crd = _crd(
        "WorkerPool", "wp", WorkerPoolSpec, openapi_schema(WorkerPoolStatus), columns,
        "A Deployment of video workers that grows and shrinks with the work there is.",
    )  # fmt: skip
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] |= rules(NAME_RULE)
    return crd


def _crd(
    kind: str,
    short_name: str,
    spec: type[BaseModel],
    status: Schema,
    columns: list[Schema],
    description: str,
    selectable: list[str] | None = None,
) -> Schema:
    several = f"{kind.lower()}es" if kind.endswith("ch") else f"{kind.lower()}s"
    version: Schema = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": _resource_schema(spec, status, description)},
    }
    if selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in selectable]
    names = {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": several,
        "singular": kind.lower(),
        "shortNames": [short_name],
        "categories": ["media"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{several}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }


def _resource_schema(spec: type[BaseModel], status: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": "API group and version."},
            "kind": {"type": "string", "description": "Type of the resource."},
            "metadata": {"type": "object"},
            "spec": openapi_schema(spec),
            "status": status,
        },
    }


def all_crds() -> tuple[Schema, ...]:
    """Every CustomResourceDefinition: the files, the chart's hook and its test take them from here."""
    return (videojob_crd(), videobatch_crd(), workerpool_crd())


def plural(crd: Schema) -> str:
    """The plural of a definition, as in URLs."""
    return str(crd["spec"]["names"]["plural"])


def crd_files() -> dict[str, str]:
    """File name to YAML text of every CustomResourceDefinition."""
    return {f"{plural(crd)}.yaml": HEADER + _yaml(crd) for crd in all_crds()}


def _yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, width=100, allow_unicode=True)


def main(folders: list[str]) -> None:
    """Write the files into each folder."""
    for folder in map(Path, folders):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in crd_files().items():
            (folder / name).write_text(text, encoding="utf-8")
            sys.stdout.write(f"Wrote {folder / name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
