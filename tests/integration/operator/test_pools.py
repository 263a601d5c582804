"""WorkerPools: from no worker to some and back to none, by what there is to do."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.operator_process import OperatorProcess
from tests.integration.scripted_worker import ScriptedWorker
from tests.integration.video_jobs import Job, eventually
from tests.integration.worker_pools import Pool
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.usefixtures("operator")

LABEL = "videojobs.dev/worker-pool"


@pytest.fixture
def worker(redis_server: RedisServer) -> Iterator[ScriptedWorker]:
    redis_server.client().flushall()
    with ScriptedWorker(redis_server.url) as taking:
        yield taking
    redis_server.client().flushall()


def add_pod(plane: ControlPlane, pool: Pool, name: str, *, ready: bool = True) -> None:
    """A worker's pod, as the ReplicaSet and the kubelet would make it: neither runs here."""
    labels = pool.deployment()["spec"]["template"]["metadata"]["labels"]
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": pool.namespace, "labels": labels},
        "spec": {"containers": [{"name": "worker", "image": "videojobs/worker:test"}]},
    }
    plane.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    container = {"name": "worker", "image": "x", "imageID": "x", "ready": ready, "restartCount": 0}
    running = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        "containerStatuses": [{**container, "state": running}],
    }
    patch_status(plane, pool.namespace, name, status)


def patch_status(plane: ControlPlane, namespace: str, name: str, status: dict[str, Any]) -> None:
    body = json.dumps({"status": status})
    plane.kubectl("patch", "pod", "-n", namespace, name, "--subresource=status", "--type=merge", "-p", body)


def test_a_pool_gets_a_deployment_of_its_own(control_plane: ControlPlane, namespace: str) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu")
    eventually(lambda: pool.replicas() == 0, "a Deployment of none")
    deployment = pool.deployment()
    assert deployment["metadata"]["ownerReferences"][0]["uid"] == pool.get()["metadata"]["uid"]
    assert deployment["metadata"]["labels"][LABEL] == "cpu"
    status = eventually(lambda: pool.status if "selector" in pool.status else None, "a status")
    assert (status["desiredReplicas"], status["selector"]) == (0, f"{LABEL}=cpu")


def test_from_nothing_to_many_and_back_to_nothing(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"maxReplicas": 2, "idleSeconds": 1})
    eventually(lambda: pool.replicas() == 0, "no workers for no work")

    jobs = Job.apply_many(control_plane, namespace, ["a", "b", "c"])
    eventually(lambda: pool.replicas() == 2, "as many as may be")
    for name in ("w1", "w2"):
        add_pod(control_plane, pool, name)

    taken = [worker.take_any() for _ in jobs]
    running = tuple(each.attempt.task_id for each in taken)
    for each in taken:
        assert each.begin() == "held"
    beats(worker, namespace, "w1", running)
    beats(worker, namespace, "w2", ())
    eventually(lambda: pool.status.get("busyReplicas") == 1, "the busy worker is told")
    eventually(lambda: pool.status.get("readyReplicas") == 2, "both are ready")

    for each in taken:
        each.succeed()
    for name in ("w1", "w2"):
        beats(worker, namespace, name, (), idle_since=time.time() - 60)
    eventually(lambda: pool.replicas() == 0, "idle workers go")
    eventually(lambda: "from 0 to 2 workers" in events(pool, "Scaled"), "growth is an event")


def test_a_busy_worker_is_never_the_one_to_go(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 2, "maxReplicas": 2, "idleSeconds": 1})
    eventually(lambda: pool.replicas() == 2, "the least there may be")
    for name in ("w1", "w2"):
        add_pod(control_plane, pool, name)
    beats(worker, namespace, "w1", ("some-task",))
    beats(worker, namespace, "w2", (), idle_since=time.time() - 60)
    pool.patch({"scaling": {"minReplicas": 0}})
    eventually(lambda: pool.replicas() == 1, "the idle one goes")
    assert {name: deletion_cost(control_plane, namespace, name) for name in ("w1", "w2")} == {"w1": 0, "w2": -1000}


def test_nobody_goes_while_one_is_silent(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 1, "maxReplicas": 2, "idleSeconds": 1})
    eventually(lambda: pool.replicas() == 1, "the least there may be")
    add_pod(control_plane, pool, "w1")
    pool.patch({"scaling": {"minReplicas": 0}})
    held = eventually(lambda: pool.status if "w1" in pool.status.get("decision", "") else None, "it is told why")
    assert held["desiredReplicas"] == 1
    assert pool.replicas() == 1


def test_a_worker_that_only_crashes_goes(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 1, "maxReplicas": 2, "idleSeconds": 1})
    eventually(lambda: pool.replicas() == 1, "the least there may be")
    add_pod(control_plane, pool, "w1", ready=False)
    crashing = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    ended = {"terminated": {"exitCode": 1, "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:01Z"}}
    container = {"name": "worker", "image": "x", "imageID": "x", "ready": False, "restartCount": 7}
    status = {"containerStatuses": [{**container, "state": crashing, "lastState": ended}]}
    patch_status(control_plane, namespace, "w1", status)
    pool.patch({"scaling": {"minReplicas": 0}})
    eventually(lambda: pool.replicas() == 0, "it goes")


def test_a_hand_that_turns_replicas_is_turned_back(control_plane: ControlPlane, namespace: str) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 1, "maxReplicas": 1})
    eventually(lambda: pool.replicas() == 1, "one")
    control_plane.kubectl("scale", "deployment", "-n", namespace, "cpu-workers", "--replicas=7")
    eventually(lambda: pool.replicas() == 1, "one again")


def test_a_deployment_that_is_deleted_comes_back(control_plane: ControlPlane, namespace: str) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu")
    first = eventually(pool.deployment, "a Deployment")
    control_plane.kubectl("delete", "deployment", "-n", namespace, "cpu-workers")
    second = eventually(pool.deployment, "another")
    assert second["metadata"]["uid"] != first["metadata"]["uid"]


def test_a_changed_image_reaches_the_deployment(control_plane: ControlPlane, namespace: str) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu")
    eventually(lambda: image(pool) == "videojobs/worker:test", "the operator's image")
    pool.patch({"image": "mine:1"})
    eventually(lambda: image(pool) == "mine:1", "the pool's own")


def test_missing_capacity_is_told(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 1, "maxReplicas": 1})
    eventually(lambda: pool.replicas() == 1, "one")
    add_pod(control_plane, pool, "w1", ready=False)
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no GPU"}
    status = {"phase": "Pending", "conditions": [condition], "containerStatuses": None}
    patch_status(control_plane, namespace, "w1", status)
    eventually(lambda: "no GPU" in str(pool.status.get("conditions")), "the scheduler's word")


def test_an_image_that_cannot_be_pulled_is_told(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", scaling={"minReplicas": 1, "maxReplicas": 1})
    eventually(lambda: pool.replicas() == 1, "one")
    add_pod(control_plane, pool, "w1", ready=False)
    container = {"name": "worker", "image": "x", "imageID": "", "ready": False, "restartCount": 0}
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    patch_status(control_plane, namespace, "w1", {"containerStatuses": [{**container, "state": waiting}]})
    told = "w1: worker: ImagePullBackOff: no such image"
    eventually(lambda: told in condition(pool, "Ready").get("message", ""), "the kubelet's word")


@pytest.mark.parametrize(
    ("template", "reason", "told"),
    [
        ({"spec": {"containers": ["worker"]}}, "InvalidSpec", "spec.template.spec.containers: must be a list"),
        ({"spec": {"restartPolicy": "Never"}}, "DeploymentRefused", "spec.template.spec.restartPolicy: Unsupported"),
    ],
)
def test_a_template_that_cannot_be_is_told_and_may_be_mended(
    control_plane: ControlPlane, namespace: str, template: dict[str, Any], reason: str, told: str
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu", template=template)
    eventually(lambda: told in condition(pool, "Stalled").get("message", ""), "the field is named")
    assert condition(pool, "Stalled")["reason"] == reason
    assert pool.status["observedGeneration"] == pool.get()["metadata"]["generation"]
    eventually(lambda: told in events(pool, reason), "also in an event")
    pool.patch({"template": None})
    eventually(lambda: condition(pool, "Stalled").get("status") == "False", "it is mended")
    eventually(lambda: pool.replicas() == 0, "a Deployment")


def test_an_idle_pool_costs_no_writes(
    control_plane: ControlPlane, namespace: str, operator: OperatorProcess, worker: ScriptedWorker
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu")
    eventually(lambda: pool.status.get("desiredReplicas") == 0, "settled")
    eventually(lambda: looks(operator) > 0, "a look")
    version, seen = pool.get()["metadata"]["resourceVersion"], looks(operator)
    eventually(lambda: looks(operator) >= seen + 3, "three more looks")
    assert pool.get()["metadata"]["resourceVersion"] == version


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"scaling": {"minReplicas": 3, "maxReplicas": 2}},
            "spec.scaling: Invalid value: minReplicas must not be greater than maxReplicas",
        ),
        ({"queues": ["rendering"]}, 'spec.queues[0]: Unsupported value: "rendering": supported values: "render_queue"'),
        ({"queues": []}, "spec.queues: Invalid value: 0: spec.queues in body should have at least 1 items"),
        ({"queues": ["celery", "celery"]}, 'spec.queues[1]: Duplicate value: "celery"'),
        ({"gpu": {"resource": "gpu"}}, "spec.gpu.resource in body should match '^[a-z0-9.-]+/[a-zA-Z0-9._-]+$'"),
        ({"gpu": {"count": 0}}, "spec.gpu.count in body should be greater than or equal to 1"),
        ({"concurrency": 0}, "spec.concurrency in body should be greater than or equal to 1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_refused(control_plane: ControlPlane, namespace: str, spec: dict[str, Any], message: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        Pool.apply(control_plane, namespace, "cpu", **spec)
    assert message in refusal.value.stderr


def test_a_name_too_long_for_a_label_is_refused(control_plane: ControlPlane, namespace: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        Pool.apply(control_plane, namespace, "x" * 64)
    assert "metadata.name must not be longer than 63 characters" in refusal.value.stderr


def beats(worker: ScriptedWorker, namespace: str, pod: str, running: tuple[str, ...], **fields: Any) -> None:
    worker.hostname = f"worker@{pod}"
    worker.beat(running, pod=pod, namespace=namespace, pool="cpu", **fields)


def condition(pool: Pool, kind: str) -> dict[str, Any]:
    return next((each for each in pool.status.get("conditions", []) if each["type"] == kind), {})


def events(pool: Pool, reason: str) -> str:
    """Messages of the Kubernetes Events of a reason about it."""
    which = f"--field-selector=reason={reason},involvedObject.name={pool.name}"
    return pool.plane.kubectl("get", "events", "-n", pool.namespace, which, "-o", "jsonpath={.items[*].message}")


def deletion_cost(plane: ControlPlane, namespace: str, pod: str) -> int:
    found = json.loads(plane.kubectl("get", "pod", "-n", namespace, pod, "-o", "json"))
    annotations = found["metadata"].get("annotations") or {}
    return int(annotations.get("controller.kubernetes.io/pod-deletion-cost", 0))


def image(pool: Pool) -> str:
    deployment = pool.deployment()
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"]) if deployment else ""


def looks(operator: OperatorProcess) -> float:
    """Reconciles of pools so far."""
    lines = operator.probe("/metrics")[1].splitlines()
    name = "videojobs_reconciles_total"
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name) and "WorkerPool" in line)
