"""Conditions of a resource, by the Kubernetes conventions and kstatus.

kstatus (sigs.k8s.io/cli-utils) takes a resource for in progress while ``Reconciling`` is True and for failed while
``Stalled`` is; without either it counts as finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from videojobs_operator.core.timestamps import to_text

Condition = dict[str, Any]


def find(conditions: Sequence[Condition], kind: str) -> Condition:
    """The condition of a type; empty if it is not there."""
    return next((item for item in conditions if item["type"] == kind), {})


def is_true(conditions: Sequence[Condition], kind: str) -> bool:
    """Whether a condition is there and True."""
    return bool(find(conditions, kind).get("status") == "True")


def with_condition(
    conditions: Sequence[Condition],
    kind: str,
    holds: bool,
    reason: str,
    message: str,
    now: datetime,
) -> list[Condition]:
    """The conditions with one set; ``lastTransitionTime`` moves only when the status changes."""
    old = find(conditions, kind)
    status = "True" if holds else "False"
    since = old.get("lastTransitionTime", "")
    # The CRD's default for a new resource cannot know the time.
    changed = to_text(now) if old.get("status") != status or since.startswith("1970") else since
    new = {
        "type": kind,
        "status": status,
        "reason": reason[:1024],
        "message": message[:2048],
        "lastTransitionTime": changed,
    }
    if not old:
        return [*conditions, new]
    return [new if item["type"] == kind else item for item in conditions]
