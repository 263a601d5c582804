"""The Deployment of a WorkerPool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from videojobs_operator.api import API_VERSION
from videojobs_operator.api.workerpool import WorkerPoolSpec
from videojobs_operator.resources.labels import WORKER_POOL, worker_labels
from videojobs_operator.resources.merging import merged

CONTAINER: Final = "worker"
SCRATCH: Final = "/scratch"
_HEALTH: Final = ["python3", "-m", "videojobs_worker.health"]


@dataclass(frozen=True)
class WorkerDefaults:
    """What the operator was installed with."""

    image: str
    image_pull_policy: str
    redis_secret: str


def deployment_name(pool: str) -> str:
    """Name of a pool's Deployment."""
    return f"{pool}-workers"


def build_deployment(
    pool: Mapping[str, Any], spec: WorkerPoolSpec, defaults: WorkerDefaults, replicas: int
) -> dict[str, Any]:
    """The Deployment, for server-side apply by the operator, its one owner.

    Args:
        pool: the WorkerPool, for its name and uid.
        spec: its spec.
        defaults: image and Secret of the installation.
        replicas: how many workers.

    Raises:
        SpecError: the pool's template has not the shape of a pod template.
    """
    metadata = pool["metadata"]
    name = metadata["name"]
    owner = {
        "apiVersion": API_VERSION,
        "kind": "WorkerPool",
        "name": name,
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": deployment_name(name),
            "namespace": metadata["namespace"],
            "labels": worker_labels(name),
            "ownerReferences": [owner],
        },
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 2,
            "selector": {"matchLabels": {WORKER_POOL: name}},
            "strategy": _strategy(spec),
            "template": build_template(name, spec, defaults),
        },
    }


def build_template(pool: str, spec: WorkerPoolSpec, defaults: WorkerDefaults) -> dict[str, Any]:
    """The pods' template, the user's laid over ours; our labels stay, the selector needs them.

    Raises:
        SpecError: the user's has not the shape of a pod template.
    """
    ours = {
        "metadata": {"labels": worker_labels(pool)},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": spec.termination_grace_period_seconds,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "runAsGroup": 10001,
                "fsGroup": 10001,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(pool, spec, defaults)],
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "scratch", "emptyDir": {}}],
        },
    }
    template = merged(ours, spec.template or {})
    metadata = template["metadata"] or {}
    labels = {**(metadata.get("labels") or {}), **worker_labels(pool)}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _strategy(spec: WorkerPoolSpec) -> dict[str, Any]:
    # A surge pod would wait for a GPU that the pods it replaces hold.
    surge, away = (0, 1) if spec.gpu else (1, 0)
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": away}}


def _container(pool: str, spec: WorkerPoolSpec, defaults: WorkerDefaults) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": spec.image or defaults.image,
        "imagePullPolicy": defaults.image_pull_policy,
        "args": _arguments(spec),
        "env": _environment(pool, defaults),
        "startupProbe": {
            "exec": {"command": _HEALTH},
            "periodSeconds": 2,
            "failureThreshold": 60,
            "timeoutSeconds": 10,
        },
        "livenessProbe": {
            "exec": {"command": _HEALTH},
            "periodSeconds": 30,
            "failureThreshold": 4,
            "timeoutSeconds": 20,
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "scratch", "mountPath": SCRATCH}],  # noqa: S108
    }
    if spec.gpu:
        container["resources"] = {"limits": {spec.gpu.resource: str(spec.gpu.count)}}
    return container


def _arguments(spec: WorkerPoolSpec) -> list[str]:
    return [
        "celery", "-A", "videojobs_worker.celery_app", "worker",
        f"--queues={','.join(spec.queues)}", f"--concurrency={spec.concurrency}",
        "--hostname=worker@$(POD_NAME)", "--without-gossip", "--without-mingle", "--loglevel=info",
    ]  # fmt: skip


def _environment(pool: str, defaults: WorkerDefaults) -> list[dict[str, Any]]:
    def from_pod(path: str) -> dict[str, Any]:
        return {"fieldRef": {"fieldPath": path}}

    return [
        {"name": "POD_NAME", "valueFrom": from_pod("metadata.name")},
        {"name": "POD_NAMESPACE", "valueFrom": from_pod("metadata.namespace")},
        {"name": "NODE_NAME", "valueFrom": from_pod("spec.nodeName")},
        {"name": "WORKER_POOL", "value": pool},
        {"name": "REDIS_URL", "valueFrom": {"secretKeyRef": {"name": defaults.redis_secret, "key": "redis-url"}}},
        {"name": "TEMP_DIR", "value": f"{SCRATCH}/videojobs"},
        {"name": "VIDEOJOBS_LOG_FORMAT", "value": "json"},
    ]
