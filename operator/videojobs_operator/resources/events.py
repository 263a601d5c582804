"""Kubernetes Events, as ``kubectl describe`` shows them (core/v1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from videojobs_operator.core.effects import Emit
from videojobs_operator.core.timestamps import to_text

COMPONENT: Final = "videojobs-operator"


def build_event(about: Mapping[str, Any], emit: Emit, now: datetime) -> dict[str, Any]:
    """An Event about an object, in its namespace."""
    metadata = about["metadata"]
    moment = to_text(now)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{metadata['name'][:200]}.", "namespace": metadata["namespace"]},
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata.get("resourceVersion", ""),
        },
        "type": emit.type,
        "reason": emit.reason,
        "message": emit.message[:1024],
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
    }
