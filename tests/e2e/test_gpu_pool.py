"""A GPU pool: from zero and back; without a GPU its pod is Pending, and the VideoJob says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hack.cluster_access import CLUSTER, Cluster
from hack.install import NAMESPACE
from tests.e2e.videojobs import World, condition, eventually, transcode

POOL = "gpu-test"


@pytest.fixture
def pool(cluster: Cluster) -> Iterator[str]:
    """A GPU pool like the chart's CPU pool, at zero."""
    manifest = cluster.get("-n", NAMESPACE, "workerpool", "cpu")
    spec = manifest["spec"] | {
        "queues": ["transcode_queue_gpu"],
        "gpu": {"count": 1},
        "scaling": {"minReplicas": 0, "maxReplicas": 1, "idleSeconds": 5},
    }
    resource = {
        "apiVersion": manifest["apiVersion"],
        "kind": "WorkerPool",
        "metadata": {"name": POOL, "namespace": NAMESPACE},
        "spec": spec,
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(resource))
    yield POOL
    cluster.kubectl("-n", NAMESPACE, "delete", "workerpool", POOL, "--timeout=60s")


@pytest.fixture
def gpus(cluster: Cluster) -> Iterator[Any]:
    """Offer simulated GPUs on the worker node; taken away at the end."""
    node = cluster.get("nodes", "-l", "!node-role.kubernetes.io/control-plane")["items"][0]
    name = node["metadata"]["name"]

    def offer(count: int) -> None:
        cluster.run(str(CLUSTER), "gpu", name, str(count), "--name", cluster.name)

        def allocatable() -> int:
            return int(cluster.get("node", name)["status"]["allocatable"].get("nvidia.com/gpu", "0"))

        eventually(allocatable, lambda seen: seen == count, within_s=90)

    yield offer
    offer(0)


def pool_pods(cluster: Cluster) -> list[dict[str, Any]]:
    selector = f"videojobs.dev/worker-pool={POOL}"
    return list(cluster.get("-n", NAMESPACE, "pods", "-l", selector)["items"])


def gpu_job(world: World) -> dict[str, Any]:
    spec = transcode(f"{world.sources}/clip-b.mp4", f"{world.folder}/gpu.mp4", height=240)
    return spec | {"gpu": "Required"}


def test_from_zero_to_one_to_zero(world: World, pool: str, gpus: Any) -> None:
    gpus(1)
    assert pool_pods(world.cluster) == []
    world.apply("on-gpu", gpu_job(world))
    (pod,) = eventually(lambda: pool_pods(world.cluster), bool, within_s=20)
    assert pod["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    status = world.until_phase("on-gpu", "Succeeded", within_s=180)
    assert status["queue"]["name"] == "transcode_queue_gpu"
    assert status["worker"]["pod"] == pod["metadata"]["name"]
    eventually(lambda: pool_pods(world.cluster), lambda pods: not pods, within_s=60)
    deployment = world.cluster.get("-n", NAMESPACE, "deployment", f"{pool}-workers")
    assert deployment["spec"]["replicas"] == 0


def test_without_a_gpu_the_videojob_says_why(world: World, pool: str, gpus: Any) -> None:
    gpus(0)
    world.apply("no-gpu", gpu_job(world))
    status = world.until(
        "no-gpu",
        lambda seen: condition(seen, "Reconciling").get("reason") == "WaitingForCapacity",
        within_s=60,
    )
    assert status["phase"] == "Queued"
    message = condition(status, "Reconciling")["message"]
    assert pool in message
    assert "nvidia.com/gpu" in message
    (pod,) = pool_pods(world.cluster)
    assert pod["status"]["phase"] == "Pending"
    gpus(1)
    world.until_phase("no-gpu", "Succeeded", within_s=180)
