"""The VideoJobs that a VideoBatch makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from videojobs_operator.api import GROUP, VERSION
from videojobs_operator.resources.labels import BATCH, MANAGED_BY, OPERATOR_NAME


def job_name(batch: str, item: str) -> str:
    """Name of an item's VideoJob."""
    return f"{batch}-{item}"


def build_videojob(batch: Mapping[str, Any], item: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """An item's VideoJob, which goes when its batch goes."""
    metadata = batch["metadata"]
    owner = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "VideoBatch",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "VideoJob",
        "metadata": {
            "name": job_name(metadata["name"], item),
            "namespace": metadata["namespace"],
            "labels": {MANAGED_BY: OPERATOR_NAME, BATCH: metadata["name"]},
            "ownerReferences": [owner],
        },
        "spec": dict(spec),
    }


def batch_of(job: Mapping[str, Any]) -> tuple[str, str] | None:
    """Name and uid of the VideoBatch that a VideoJob is of."""
    for owner in job["metadata"].get("ownerReferences") or []:
        if owner.get("controller") and owner["kind"] == "VideoBatch":
            return owner["name"], owner["uid"]
    return None
