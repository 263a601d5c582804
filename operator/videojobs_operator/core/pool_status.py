"""A WorkerPool's status from what was observed and decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from videojobs_operator.core.conditions import with_condition
from videojobs_operator.core.scaling import PoolState, ScalingDecision


def pool_status(
    old: Mapping[str, Any],
    state: PoolState,
    decision: ScalingDecision,
    selector: str,
    generation: int,
    now: datetime,
) -> dict[str, Any]:
    """The new status; equal to the old one when nothing has changed."""
    staying = [worker for worker in state.workers if not worker.leaving]
    ready = sum(worker.ready for worker in staying)
    status: dict[str, Any] = {
        **old,
        "observedGeneration": generation,
        "replicas": len(staying),
        "readyReplicas": ready,
        "desiredReplicas": decision.replicas,
        "busyReplicas": sum(worker.busy for worker in staying),
        "queuedJobs": state.queued if state.queued is not None else old.get("queuedJobs", 0),
        "runningJobs": state.running,
        "decision": decision.reason[:1024],
        "selector": selector,
    }
    stuck = next((worker for worker in staying if worker.unschedulable), None)
    settled = ready == len(staying) == decision.replicas
    conditions = list(old.get("conditions", []))
    for kind, holds, reason, message in (
        ("Ready", settled, "WorkersReady" if settled else "WorkersStarting", f"{ready} of {decision.replicas} ready"),
        ("Reconciling", not settled, "Scaled" if settled else "Scaling", decision.reason),
        _capacity(stuck.pod if stuck else "", stuck.unschedulable if stuck else ""),
    ):
        conditions = with_condition(conditions, kind, holds, reason, message, now)
    return status | {"conditions": conditions}


def _capacity(pod: str, message: str) -> tuple[str, bool, str, str]:
    if not message:
        return "CapacityUnavailable", False, "Scheduled", "no worker waits for a node"
    return "CapacityUnavailable", True, "Unschedulable", f"{pod}: {message}"


def unschedulable_message(conditions: list[Mapping[str, Any]]) -> str:
    """The scheduler's message out of a pod's conditions, empty if it has found a node."""
    for condition in conditions:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "not scheduled")
    return ""
