"""What the values do: images, Redis, media, pools, rights."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.chart.rendering import (
    MATRIX,
    NAMESPACE,
    Manifest,
    named,
    of_kind,
    pod_templates,
    render,
    render_anew,
)


def environment(manifests: list[Manifest]) -> dict[str, Any]:
    """The operator's environment by name."""
    spec = named(manifests, "Deployment", "videojobs-operator")["spec"]["template"]["spec"]
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in spec["containers"][0]["env"]}


def pool(manifests: list[Manifest], name: str) -> Any:
    return named(manifests, "WorkerPool", name)["spec"]


def connection(manifests: list[Manifest]) -> dict[str, str]:
    """The Secret with the address of Redis, decoded."""
    secret = named(manifests, "Secret", "videojobs-redis")
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


@pytest.mark.parametrize(
    ("values", "operator", "worker"),
    [
        ("defaults", "videojobs/operator:0.1.0", "videojobs/worker:0.1.0"),
        ("tags", "videojobs/operator:edge", "videojobs/worker:edge"),
        (
            "mirror",
            "registry.example.com:5000/mirror/videojobs/operator:0.1.0",
            "registry.example.com:5000/mirror/videojobs/worker:0.1.0",
        ),
        (
            "digests",
            f"videojobs/operator@sha256:{'0' * 64}",
            f"videojobs/worker@sha256:{'1' * 64}",
        ),
    ],
)
def test_images(values: str, operator: str, worker: str) -> None:
    manifests = render(MATRIX[values])
    assert environment(manifests)["VIDEOJOBS_WORKER_IMAGE"] == worker
    for owner, template in pod_templates(manifests).items():
        if not owner.startswith("StatefulSet"):
            assert [item["image"] for item in template["spec"]["containers"]] == [operator], owner


def test_pull_secrets_reach_every_pod() -> None:
    manifests = render(MATRIX["mirror"])
    for owner, template in pod_templates(manifests).items():
        assert template["spec"]["imagePullSecrets"] == [{"name": "pull"}], owner
    assert pool(manifests, "cpu")["template"]["spec"]["imagePullSecrets"] == [{"name": "pull"}]


def test_of_several_operators_one_acts_and_a_new_one_waits_before_the_old_one_ends() -> None:
    manifests = render({"operator": {"replicas": 2}})
    spec = named(manifests, "Deployment", "videojobs-operator")["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert environment(manifests)["VIDEOJOBS_LEASE"] == f"{NAMESPACE}/videojobs-operator"
    assert named(manifests, "PodDisruptionBudget", "videojobs-operator")["spec"]["maxUnavailable"] == 1
    (rule,) = named(manifests, "Role", "videojobs-operator-lease")["rules"]
    assert rule["resources"] == ["leases"]


def test_the_operator_is_told_where_things_are() -> None:
    manifests = render(MATRIX["namespaced"])
    assert named(manifests, "Deployment", "videojobs-operator")["spec"]["replicas"] == 1
    told = environment(manifests)
    assert told["VIDEOJOBS_NAMESPACES"] == f"{NAMESPACE},team-a"
    name = named(manifests, "Secret", "videojobs-redis")["metadata"]["name"]
    assert told["VIDEOJOBS_REDIS_SECRET"] == name
    assert told["REDIS_URL"] == {"secretKeyRef": {"name": name, "key": "redis-url"}}


def test_the_image_s_init_stays_in_front() -> None:
    """``command`` would replace the image's entrypoint, tini; only Redis has none."""
    for owner, template in pod_templates(render({})).items():
        (container,) = template["spec"]["containers"]
        assert ("command" in container) == owner.startswith("StatefulSet"), owner


def test_the_password_is_long_and_new_for_each_installation() -> None:
    first, second = connection(render({})), connection(render_anew({}))
    assert len(first["redis-password"]) == 40
    assert first["redis-password"] != second["redis-password"]
    host = f"videojobs-redis.{NAMESPACE}.svc:6379"
    assert first["redis-url"] == f"redis://:{first['redis-password']}@{host}/0"


@pytest.mark.parametrize("name", MATRIX)
def test_secrets_are_in_secrets_only(name: str) -> None:
    manifests = render(MATRIX[name])
    hidden = {
        base64.b64decode(value).decode() for secret in of_kind(manifests, "Secret") for value in secret["data"].values()
    }
    assert of_kind(manifests, "Secret") or "ecret" in name
    for manifest in manifests:
        if manifest["kind"] != "Secret":
            assert not [value for value in hidden if value in str(manifest)], manifest["metadata"]["name"]


def test_the_url_of_an_external_redis_survives_odd_passwords() -> None:
    told = connection(render(MATRIX["external-host"]))
    assert told == {"redis-url": "rediss://video:p%40ss%2Fw%20rd%2B@redis.example.com:6380/3"}


def test_a_secret_of_the_users_own_is_used_and_none_is_made() -> None:
    for values, name in (("redis-secret", "my-redis"), ("external-secret", "theirs")):
        manifests = render(MATRIX[values])
        assert not of_kind(manifests, "Secret")
        assert environment(manifests)["VIDEOJOBS_REDIS_SECRET"] == name


def test_copies_of_the_secret_have_the_address_and_no_more() -> None:
    secrets = of_kind(render(MATRIX["secret-copies"]), "Secret")
    keys = {secret["metadata"]["namespace"]: sorted(secret["data"]) for secret in secrets}
    assert keys == {
        NAMESPACE: ["redis-password", "redis-url"],
        "team-a": ["redis-url"],
        "team-b": ["redis-url"],
    }
    assert len({secret["data"]["redis-url"] for secret in secrets}) == 1


def test_nothing_can_make_redis_evict() -> None:
    manifests = render({"redis": {"config": "maxmemory-policy allkeys-lru\nappendfsync no"}})
    lines = named(manifests, "ConfigMap", "videojobs-redis")["data"]["redis.conf"].split("\n")
    policies = [line for line in lines if line.startswith("maxmemory-policy")]
    assert policies == ["maxmemory-policy allkeys-lru", "maxmemory-policy noeviction"]  # the last one counts


def test_without_persistence_there_is_no_claim() -> None:
    spec = named(render(MATRIX["redis-in-memory"]), "StatefulSet", "videojobs-redis")["spec"]
    assert "volumeClaimTemplates" not in spec
    assert {"name": "data", "emptyDir": {}} in spec["template"]["spec"]["volumes"]


@pytest.mark.parametrize(
    ("values", "claim", "made"),
    [
        ("defaults", "videojobs-media", ["PersistentVolumeClaim"]),
        ("media-host-path", "videojobs-media", ["PersistentVolume", "PersistentVolumeClaim"]),
        ("media-claim", "my-media", []),
    ],
)
def test_media(values: str, claim: str, made: list[str]) -> None:
    manifests = render(MATRIX[values])
    volumes = of_kind(manifests, "PersistentVolume", "PersistentVolumeClaim")
    assert [volume["kind"] for volume in volumes] == made
    for volume in volumes:
        assert volume["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    spec = pool(manifests, "cpu")["template"]["spec"]
    assert {"name": "media", "persistentVolumeClaim": {"claimName": claim}} in spec["volumes"]
    assert {"name": "media", "mountPath": "/media"} in spec["containers"][0]["volumeMounts"]


def test_pools() -> None:
    assert [each["metadata"]["name"] for each in of_kind(render({}), "WorkerPool")] == ["cpu"]
    assert not of_kind(render(MATRIX["pool-taken-away"]), "WorkerPool")
    gpu = pool(render(MATRIX["gpu"]), "gpu")
    assert gpu["gpu"] == {"resource": "nvidia.com/gpu", "count": 1}
    assert gpu["template"]["spec"]["runtimeClassName"] == "nvidia"
    assert gpu["template"]["spec"]["tolerations"][0]["key"] == "nvidia.com/gpu"
    caption = pool(render(MATRIX["captions"]), "caption")
    assert caption["image"] == "videojobs/worker:0.1.0-speech"
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in caption["template"]["spec"]["containers"][0][
        "volumeMounts"
    ]


def test_access_to_s3_reaches_every_pool() -> None:
    for spec in (item["spec"] for item in of_kind(render({"s3": {"existingSecret": "my-s3"}}), "WorkerPool")):
        (worker,) = spec["template"]["spec"]["containers"]
        assert worker["envFrom"] == [{"secretRef": {"name": "my-s3"}}]


def test_a_pool_s_template_adds_to_what_the_chart_says() -> None:
    spec = pool(render(MATRIX["pool-of-ones-own"]), "renders")
    assert spec["image"] == "example.com/worker:1"
    template = spec["template"]
    worker, beside = template["spec"]["containers"]
    assert template["metadata"]["annotations"].keys() == {"example.com/a", "checksum/connection"}
    assert template["metadata"]["annotations"]["example.com/a"] == "b"
    assert [mount["mountPath"] for mount in worker["volumeMounts"]] == ["/media", "/more"]
    assert worker["env"][-1] == {"name": "A", "value": "b"}
    assert beside["image"] == "example.com/beside:1"
    assert [volume["name"] for volume in template["spec"]["volumes"]] == ["media", "more"]


def test_values_for_all_workers_reach_the_pool_and_the_pool_s_own_win() -> None:
    values = MATRIX["scheduled"] | {"pools": {"cpu": {"nodeSelector": {"disk": "ssd"}}}}
    spec = pool(render(values), "cpu")["template"]["spec"]
    assert spec["nodeSelector"] == {"disk": "ssd"}
    assert spec["priorityClassName"] == "media"
    assert {"name": "HTTPS_PROXY", "value": "http://proxy:3128"} in spec["containers"][0]["env"]


def test_nothing_in_the_cluster_without_rights_there() -> None:
    manifests = render(MATRIX["namespaced-few-rights"])
    assert not of_kind(manifests, "ClusterRole", "ClusterRoleBinding", "PersistentVolume")
