"""The Deployment of a pool: what the pool asks for, under restricted pod security, the user's template over it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from videojobs_operator.api.workerpool import WorkerPoolSpec
from videojobs_operator.core.validation import SpecError
from videojobs_operator.resources.deployment import WorkerDefaults, build_deployment

POOL = {"metadata": {"name": "cpu", "namespace": "videojobs", "uid": "u"}}
DEFAULTS = WorkerDefaults("videojobs/worker:1", "IfNotPresent", "videojobs-redis")


def build(**spec: Any) -> dict[str, Any]:
    return build_deployment(POOL, WorkerPoolSpec.model_validate({"queues": ["render_queue"], **spec}), DEFAULTS, 2)


def worker(deployment: dict[str, Any]) -> dict[str, Any]:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return next(item for item in containers if item["name"] == "worker")


def test_a_pool_owns_its_deployment() -> None:
    made = build()
    assert made["metadata"]["name"] == "cpu-workers"
    assert made["metadata"]["ownerReferences"][0]["kind"] == "WorkerPool"
    assert made["spec"]["replicas"] == 2
    labels = made["spec"]["template"]["metadata"]["labels"]
    assert made["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert "--queues=render_queue" in worker(made)["args"]


def test_restricted_pod_security() -> None:
    pod = build()["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = worker(build())["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False


def test_the_password_comes_from_the_secret_alone() -> None:
    (url,) = [item for item in worker(build())["env"] if item["name"] == "REDIS_URL"]
    assert url["valueFrom"] == {"secretKeyRef": {"name": "videojobs-redis", "key": "redis-url"}}


def test_gpus_are_asked_for_and_their_rollout_does_not_wait_for_itself() -> None:
    made = build(gpu={"count": 2, "resource": "nvidia.com/mig-1g.5gb"})
    assert worker(made)["resources"]["limits"] == {"nvidia.com/mig-1g.5gb": "2"}
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ({"metadata": "x"}, "spec.template.metadata: must be an object"),
        ({"metadata": {"labels": []}}, "spec.template.metadata.labels: must be an object"),
        ({"spec": []}, "spec.template.spec: must be an object"),
        ({"spec": {"containers": {"name": "worker"}}}, "spec.template.spec.containers: must be a list of objects"),
        ({"spec": {"containers": ["worker"]}}, "spec.template.spec.containers: must be a list of objects"),
        ({"spec": {"volumes": [{"emptyDir": {}}]}}, "that each have a name"),
        (
            {"spec": {"containers": [{"name": "worker", "env": [{"name": {}}]}]}},
            "spec.template.spec.containers[].env: must be a list of objects that each have a name",
        ),
    ],
)
def test_a_template_of_another_shape_is_told_by_its_field(template: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=re.escape(told)):
        build(template=template)


@pytest.mark.parametrize("metadata", [None, {}, {"labels": None}, {"annotations": {"a": "b"}}])
def test_a_template_may_leave_its_labels_to_us(metadata: dict[str, Any] | None) -> None:
    labels = build(template={"metadata": metadata})["spec"]["template"]["metadata"]["labels"]
    assert labels["videojobs.dev/worker-pool"] == "cpu"


def test_the_users_template_lies_over_ours_by_name() -> None:
    template = {
        "metadata": {"labels": {"team": "media", "videojobs.dev/worker-pool": "other"}},
        "spec": {
            "containers": [
                {
                    "name": "worker",
                    "env": [{"name": "REDIS_URL", "value": "redis://elsewhere"}, {"name": "MINE", "value": "1"}],
                    "resources": {"limits": {"memory": "1Gi"}},
                    "volumeMounts": [{"name": "media", "mountPath": "/media"}],
                },
                {"name": "sidecar", "image": "s"},
            ],
            "volumes": [{"name": "media", "emptyDir": {}}],
        },
    }
    made = build(template=template, gpu={})
    env = {item["name"]: item for item in worker(made)["env"]}
    assert env["REDIS_URL"] == {"name": "REDIS_URL", "value": "redis://elsewhere"}
    assert "POD_NAME" in env
    assert worker(made)["resources"]["limits"] == {"nvidia.com/gpu": "1", "memory": "1Gi"}
    assert [item["mountPath"] for item in worker(made)["volumeMounts"]] == ["/tmp", "/scratch", "/media"]  # noqa: S108
    pod = made["spec"]["template"]["spec"]
    assert [item["name"] for item in pod["volumes"]] == ["tmp", "scratch", "media"]
    assert [item["name"] for item in pod["containers"]] == ["worker", "sidecar"]
    labels = made["spec"]["template"]["metadata"]["labels"]
    assert (labels["team"], labels["videojobs.dev/worker-pool"]) == ("media", "cpu")
