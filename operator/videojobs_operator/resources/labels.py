"""Label and annotation keys, in one place."""

from __future__ import annotations

from typing import Final

NAME: Final = "app.kubernetes.io/name"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
WORKER_POOL: Final = "videojobs.dev/worker-pool"
BATCH: Final = "videojobs.dev/batch"
DELETION_COST: Final = "controller.kubernetes.io/pod-deletion-cost"

WORKER_NAME: Final = "videojobs-worker"
OPERATOR_NAME: Final = "videojobs-operator"


def worker_labels(pool: str) -> dict[str, str]:
    """Labels of a pool's Deployment and pods."""
    return {NAME: WORKER_NAME, MANAGED_BY: OPERATOR_NAME, WORKER_POOL: pool}


def worker_selector(pool: str) -> str:
    """Selector of a pool's pods, as text."""
    return f"{WORKER_POOL}={pool}"
