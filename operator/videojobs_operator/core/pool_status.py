"""A WorkerPool's status from what was observed and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from videojobs_operator.core.conditions import find, with_condition
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
    held = next((f"; {worker.pod}: {worker.waiting}" for worker in staying if worker.waiting), "")
    starting = "PodsRefused" if state.refused else "WorkersStarting"
    conditions = list(old.get("conditions", []))
    for kind, holds, reason, message in (
        (
            "Ready",
            settled,
            "WorkersReady" if settled else starting,
            f"{ready} of {decision.replicas} ready{f'; {state.refused}' if state.refused else held}",
        ),
        ("Reconciling", not settled, "Scaled" if settled else "Scaling", decision.reason),
        _capacity(stuck.pod if stuck else "", stuck.unschedulable if stuck else ""),
    ):
        conditions = with_condition(conditions, kind, holds, reason, message, now)
    if find(conditions, "Stalled"):
        conditions = with_condition(conditions, "Stalled", False, "Applied", "the Deployment is as it is wanted", now)
    return status | {"conditions": conditions}


def stalled_status(old: Mapping[str, Any], reason: str, message: str, generation: int, now: datetime) -> dict[str, Any]:
    """The status of a pool that cannot be had as it is wanted; what there is stays, and so do its figures."""
    conditions = list(old.get("conditions", []))
    for kind, holds in (("Stalled", True), ("Reconciling", False)):
        conditions = with_condition(conditions, kind, holds, reason, message, now)
    return {**old, "observedGeneration": generation, "conditions": conditions}


def _capacity(pod: str, message: str) -> tuple[str, bool, str, str]:
    if not message:
        return "CapacityUnavailable", False, "Scheduled", "no worker waits for a node"
    return "CapacityUnavailable", True, "Unschedulable", f"{pod}: {message}"


#: Reasons of containers that wait as they should.
_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing"})


def waiting_message(containers: Sequence[Mapping[str, Any]]) -> str:
    """Why a container of a pod does not start, an image that cannot be pulled for one; empty if none has trouble."""
    for container in containers:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") and waiting["reason"] not in _STARTING:
            return f"{container['name']}: {waiting['reason']}: {waiting.get('message', '')}".removesuffix(": ")
    return ""


def conditions_of(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a resource's status says of it."""
    return list((resource.get("status") or {}).get("conditions") or ())


def refused_message(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Why the API server takes no pods of a Deployment (its ReplicaFailure), empty if it does."""
    failing = (each for each in conditions if each.get("type") == "ReplicaFailure" and each.get("status") == "True")
    return next((str(each.get("message") or each.get("reason") or "refused") for each in failing), "")


def unschedulable_message(conditions: Sequence[Mapping[str, Any]]) -> str:
    """The scheduler's message out of a pod's conditions, empty if it has found a node."""
    for condition in conditions:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "not scheduled")
    return ""
