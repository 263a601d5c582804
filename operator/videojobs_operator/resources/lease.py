"""The Lease that the acting operator holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from videojobs_operator.core.leadership import LEASE_S
from videojobs_operator.resources.labels import MANAGED_BY, OPERATOR_NAME


def build_lease(namespace: str, name: str) -> dict[str, Any]:
    """A Lease that nobody holds."""
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": namespace, "labels": {MANAGED_BY: OPERATOR_NAME}},
        "spec": {"leaseDurationSeconds": LEASE_S},
    }


def lease_patch(identity: str, now: datetime, version: str, *, transitions: int, acquired: bool) -> dict[str, Any]:
    """A merge patch that makes ``identity`` the holder from now on, under the version that was read.

    Args:
        identity: empty to give the Lease back.
        now: for people who read the Lease; no decision is based on it.
        version: the resource version.
        transitions: how often the holder has changed.
        acquired: whether it was another's, or nobody's, before.
    """
    moment = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {
        "holderIdentity": identity,
        "leaseDurationSeconds": LEASE_S,
        "leaseTransitions": transitions,
        "renewTime": moment,
        **({"acquireTime": moment} if acquired else {}),
    }
    return {"metadata": {"resourceVersion": version}, "spec": spec}
