"""A WorkerPool's reconcile: observe its workers and queues, decide how many there should be, see to it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from videojobs_operator.api.workerpool import WorkerPoolSpec
from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import ApiError, NotFound, Object, Refused
from videojobs_operator.clients.redis import RedisAway
from videojobs_operator.controller.dependencies import Dependencies
from videojobs_operator.controller.worker_lister import Workers
from videojobs_operator.core.conditions import find
from videojobs_operator.core.effects import Emit
from videojobs_operator.core.pool_status import (
    conditions_of,
    pool_status,
    refused_message,
    stalled_status,
    unschedulable_message,
    waiting_message,
)
from videojobs_operator.core.scaling import PoolState, ScalingDecision, WorkerView, decide_replicas
from videojobs_operator.core.validation import SpecError, spec_error
from videojobs_operator.informer.store import Key
from videojobs_operator.informer.watches import without_managed_fields
from videojobs_operator.resources.deployment import CONTAINER, WorkerDefaults, build_deployment, deployment_name
from videojobs_operator.resources.labels import DELETION_COST, WORKER_POOL, worker_selector
from videojobs_operator.telemetry import logs
from videojobs_protocol.heartbeat import Heartbeat

#: Queues and heartbeats are looked at so often.
LOOK_S: Final = 2.0
#: Figures and sentences in the status follow the truth by so much.
STATUS_INTERVAL_S: Final = 5.0
#: A Deployment that was refused is tried again after so long: a policy may have changed.
REFUSED_S: Final = 30.0
FORBIDDEN: Final = 403
#: Lower goes first when a Deployment shrinks; pods without it count as 0.
VICTIM_COST: Final = "-1000"

log = logs.logger(__name__)


class PoolReconciler:
    """Reconciles WorkerPools. It is the one owner of their Deployments' replicas."""

    def __init__(self, deps: Dependencies) -> None:
        settings = deps.settings
        self._deps = deps
        self._defaults = WorkerDefaults(settings.worker_image, settings.worker_image_pull_policy, settings.redis_secret)
        # What was applied last and the Deployment's generation then: anybody's change raises it.
        self._applied: dict[Key, tuple[str, int]] = {}

    async def reconcile(self, key: Key) -> float | None:
        """Bring a pool on; returns after how many seconds to look again."""
        found = self._deps.store.get(key)
        if found is None or found["metadata"].get("deletionTimestamp"):
            self._forget(key)
            return None
        try:
            return await self._bring_on(key, found, parse_pool(found))
        except SpecError as error:
            await self._stall(found, "InvalidSpec", str(error))
            return None  # its next version is an event
        except ApiError as error:
            if not isinstance(error, Refused) and error.code != FORBIDDEN:
                raise
            await self._stall(found, "DeploymentRefused", str(error))
            return REFUSED_S

    async def _bring_on(self, key: Key, found: Object, spec: WorkerPoolSpec) -> float:
        state = await self._observe(key, spec)
        decision = decide_replicas(state, time.time())
        if state.replicas is not None and decision.replicas < state.replicas:
            await self._mark_victims(key, decision)
        await self._apply(key, found, spec, decision)
        after_s = await self._write(found, state, decision)
        self._measure(key, state, decision)
        return min(each for each in (LOOK_S, after_s, decision.requeue_after_s) if each is not None)

    async def _observe(self, key: Key, spec: WorkerPoolSpec) -> PoolState:
        deployment = self._deps.store.get(_deployment_key(key))
        replicas = None if deployment is None else int(deployment["spec"].get("replicas", 1))
        refused = refused_message(conditions_of(deployment or {}))
        try:
            workers = await self._deps.lister.workers()
        except RedisAway:
            return PoolState(spec.scaling, replicas, None, self._workers(key, {}), refused)
        queued = sum(workers.depths.get(queue, 0) for queue in spec.queues)
        self._measure_queues(workers)
        beats = _by_pod(workers, key.namespace)
        return PoolState(spec.scaling, replicas, queued, self._workers(key, beats), refused)

    def _workers(self, key: Key, heartbeats: Mapping[str, Heartbeat]) -> tuple[WorkerView, ...]:
        return tuple(worker_view(pod, heartbeats.get(pod["metadata"]["name"])) for pod in self._pods(key))

    def _pods(self, key: Key) -> list[Object]:
        return [
            pod
            for each, pod in self._deps.store.all("Pod")
            if each.namespace == key.namespace and pod["metadata"]["labels"].get(WORKER_POOL) == key.name
        ]

    async def _mark_victims(self, key: Key, decision: ScalingDecision) -> None:
        """Give those that may go the lower cost, and nobody else: the marks of an earlier time are wiped."""
        for pod in self._pods(key):
            name = pod["metadata"]["name"]
            cost = (pod["metadata"].get("annotations") or {}).get(DELETION_COST)
            wanted = VICTIM_COST if name in decision.victims else None
            if cost != wanted and (wanted or cost == VICTIM_COST):
                body = {"metadata": {"annotations": {DELETION_COST: wanted}}}
                try:
                    answer = await self._deps.api.patch(kubernetes.PODS, key.namespace, name, body)
                except NotFound:
                    continue
                self._deps.store.refresh("Pod", without_managed_fields(answer))

    async def _apply(self, key: Key, pool: Object, spec: WorkerPoolSpec, decision: ScalingDecision) -> None:
        body = build_deployment(pool, spec, self._defaults, decision.replicas)
        text = json.dumps(body, sort_keys=True)
        deployment = self._deps.store.get(_deployment_key(key))
        there = 0 if deployment is None else int(deployment["metadata"].get("generation", 0))
        if deployment is not None and self._applied.get(key) == (text, there):
            return
        answer = without_managed_fields(await self._deps.api.apply(kubernetes.DEPLOYMENTS, body))
        self._tell_scaled(pool, deployment, decision)
        self._deps.store.put("Deployment", answer)
        self._applied[key] = (text, int(answer["metadata"].get("generation", 0)))
        log.info(
            "Applied Deployment",
            namespace=key.namespace,
            name=body["metadata"]["name"],
            replicas=decision.replicas,
            reason=decision.reason,
        )

    async def _write(self, found: Object, state: PoolState, decision: ScalingDecision) -> float | None:
        metadata = found["metadata"]
        old = found.get("status") or {}
        status = pool_status(
            old, state, decision, worker_selector(metadata["name"]), metadata["generation"], datetime.now(UTC)
        )
        writer = self._deps.writer
        if _settled(status) == _settled(old):
            return await writer.write_progress("WorkerPool", kubernetes.WORKERPOOLS, found, status, STATUS_INTERVAL_S)
        await writer.write_state("WorkerPool", kubernetes.WORKERPOOLS, found, status)
        return None

    def _tell_scaled(self, pool: Object, before: Object | None, decision: ScalingDecision) -> None:
        old = int(before["spec"].get("replicas", 1)) if before else 0
        if old != decision.replicas:
            text = f"from {old} to {decision.replicas} workers: {decision.reason}"
            self._deps.events.record(pool, Emit("Normal", "Scaled", text))

    async def _stall(self, found: Object, reason: str, message: str) -> None:
        """Say that it cannot be had as it is wanted; in an event only when that is news."""
        old, generation = found.get("status") or {}, found["metadata"]["generation"]
        status = stalled_status(old, reason, message, generation, datetime.now(UTC))
        if find(status["conditions"], "Stalled") != find(old.get("conditions") or [], "Stalled"):
            self._deps.events.record(found, Emit("Warning", reason, message))
        await self._deps.writer.write_state("WorkerPool", kubernetes.WORKERPOOLS, found, status)

    def _measure_queues(self, workers: Workers) -> None:
        for queue, depth in workers.depths.items():
            self._deps.metrics.queue_depth.labels(queue=queue).set(depth)

    def _measure(self, key: Key, state: PoolState, decision: ScalingDecision) -> None:
        figures = {
            "desired": decision.replicas,
            "ready": sum(worker.ready for worker in state.workers),
            "busy": sum(worker.busy for worker in state.workers),
        }
        for name, value in figures.items():
            self._deps.metrics.replicas.labels(namespace=key.namespace, pool=key.name, state=name).set(value)

    def _forget(self, key: Key) -> None:
        self._applied.pop(key, None)
        self._deps.metrics.forget_pool(key.namespace, key.name)


def parse_pool(resource: Mapping[str, Any]) -> WorkerPoolSpec:
    """A WorkerPool's spec.

    Raises:
        SpecError: the first field that cannot be meant.
    """
    try:
        return WorkerPoolSpec.model_validate(resource.get("spec") or {})
    except ValidationError as error:
        raise spec_error(error) from error


def worker_view(pod: Object, heartbeat: Heartbeat | None) -> WorkerView:
    """A worker pod, and what its worker has said last."""
    status = pod.get("status") or {}
    conditions = status.get("conditions") or []
    containers = status.get("containerStatuses") or []
    return WorkerView(
        pod=pod["metadata"]["name"],
        # One that waits to be started again, after a crash maybe, runs nothing.
        started=any("running" in (each.get("state") or {}) for each in containers if each["name"] == CONTAINER),
        ready=any(each["type"] == "Ready" and each["status"] == "True" for each in conditions),
        leaving="deletionTimestamp" in pod["metadata"] or status.get("phase") in ("Succeeded", "Failed"),
        heartbeat=heartbeat,
        unschedulable=unschedulable_message(conditions),
        waiting=waiting_message([*(status.get("initContainerStatuses") or []), *containers]),
    )


def _by_pod(workers: Workers, namespace: str) -> dict[str, Heartbeat]:
    return {beat.pod: beat for beat in workers.heartbeats.values() if beat.pod and beat.namespace == namespace}


def _deployment_key(key: Key) -> Key:
    return Key("Deployment", key.namespace, deployment_name(key.name))


def _settled(status: Mapping[str, Any]) -> dict[str, Any]:
    """What is written at once when it changes; figures and sentences can wait."""
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or []}
    names = ("observedGeneration", "replicas", "readyReplicas", "desiredReplicas", "selector")
    return {"conditions": conditions, **{name: status.get(name) for name in names}}
