"""The chart rendered by the real helm, and the values that it is rendered with."""

from __future__ import annotations

import copy
import functools
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "videojobs"
CLUSTER = ROOT / "hack" / "cluster" / "cluster"
KUBE_VERSION = "1.35.0"
NAMESPACE = "videojobs"

Manifest = dict[str, Any]
Values = dict[str, Any]

#: A name, what is set, and nothing that is not worth setting.
MATRIX: dict[str, Values] = {
    "defaults": {},
    "mirror": {
        "image": {
            "registry": "registry.example.com:5000/mirror/",
            "pullPolicy": "Always",
            "pullSecrets": [{"name": "pull"}],
        }
    },
    "digests": {
        "operator": {"image": {"digest": "sha256:" + "0" * 64}},
        "worker": {"image": {"digest": "sha256:" + "1" * 64}},
        "redis": {"image": {"digest": "sha256:" + "2" * 64}},
    },
    "tags": {"operator": {"image": {"tag": "edge"}}, "worker": {"image": {"tag": "edge"}}},
    "names": {"nameOverride": "media", "fullnameOverride": "media-jobs"},
    "long-name": {"fullnameOverride": "a" * 40},
    "gpu": {"pools": {"gpu": {"enabled": True, "runtimeClassName": "nvidia"}}},
    "mig": {"pools": {"gpu": {"enabled": True, "gpu": {"resource": "nvidia.com/mig-1g.10gb", "count": 2}}}},
    "captions": {
        "models": {"existingClaim": "models"},
        "pools": {"caption": {"enabled": True}},
    },
    "no-pools": {"pools": {"cpu": {"enabled": False}}},
    "pool-taken-away": {"pools": {"cpu": None}},
    "pool-of-ones-own": {
        "pools": {
            "renders": {
                "enabled": True,
                "queues": ["render_queue"],
                "image": "example.com/worker:1",
                "terminationGracePeriodSeconds": 60,
                "template": {
                    "metadata": {"annotations": {"example.com/a": "b"}},
                    "spec": {
                        "hostNetwork": False,
                        "containers": [
                            {
                                "name": "worker",
                                "env": [{"name": "A", "value": "b"}],
                                "volumeMounts": [{"name": "more", "mountPath": "/more"}],
                            },
                            {"name": "beside", "image": "example.com/beside:1"},
                        ],
                        "volumes": [{"name": "more", "emptyDir": {}}],
                    },
                },
            }
        }
    },
    "media-claim": {"media": {"existingClaim": "my-media"}},
    "media-host-path": {"media": {"hostPath": "/srv/media"}},
    "media-class": {"media": {"storageClassName": "nfs", "size": "2Ti", "annotations": {"example.com/backup": "yes"}}},
    "media-no-class": {"media": {"storageClassName": ""}},
    "redis-in-memory": {"redis": {"persistence": {"enabled": False}}},
    "redis-tuned": {
        "redis": {
            "image": {"repository": "example.com/valkey", "tag": "8"},
            "maxMemory": "2gb",
            "config": "io-threads 2\nauto-aof-rewrite-percentage 50\n",
            "persistence": {"storageClassName": "ssd", "size": "20Gi"},
            "nodeSelector": {"disk": "ssd"},
            "podAnnotations": {"example.com/a": "b"},
        }
    },
    "redis-secret": {"redis": {"existingSecret": "my-redis"}},
    "external-secret": {"redis": {"enabled": False}, "externalRedis": {"existingSecret": "theirs"}},
    "external-host": {
        "redis": {"enabled": False},
        "externalRedis": {
            "host": "redis.example.com",
            "port": 6380,
            "db": 3,
            "tls": True,
            "username": "video",
            "password": "p@ss/w rd+",
        },
    },
    "secret-copies": {"connectionSecret": {"copyTo": ["team-a", "team-b", NAMESPACE]}},
    "namespaced": {"operator": {"namespaces": [NAMESPACE, "team-a"]}},
    "namespaced-few-rights": {
        "operator": {"namespaces": [NAMESPACE]},
        "crds": {"upgrade": False},
        "rbac": {"aggregate": False},
    },
    "no-rbac": {"rbac": {"create": False}, "operator": {"serviceAccount": {"create": False}}},
    "service-account": {"operator": {"serviceAccount": {"name": "video", "annotations": {"example.com/role": "x"}}}},
    "no-network-policies": {"networkPolicy": {"enabled": False}},
    "redis-clients": {"networkPolicy": {"redisClients": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}]}},
    "monitored": {"metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}}},
    "scheduled": {
        part: {
            "podAnnotations": {"example.com/a": "b"},
            "podLabels": {"example.com/c": "d"},
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": [{"key": "media", "operator": "Exists"}],
            "affinity": {"podAntiAffinity": {}},
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"a": "b"}},
                }
            ],
            "priorityClassName": "media",
            "runtimeClassName": "gvisor",
            "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
            "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
            "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ssl/private-ca"}],
        }
        for part in ("operator", "worker")
    },
    "beat": {
        "beat": {"enabled": True, "podLabels": {"example.com/c": "d"}, "nodeSelector": {"kubernetes.io/os": "linux"}},
        "worker": {
            "image": {"tag": "edge"},
            "extraEnv": [{"name": "RENDER_DIR", "value": "/media/made"}],
            "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
            "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ssl/private-ca"}],
        },
    },
    "umbrella": {"global": {"anything": {"goes": 1}}},
    "test-cluster": yaml.safe_load((ROOT / "hack" / "cluster" / "values.yaml").read_text()),
}


class HelmError(AssertionError):
    """helm refused; the text is what it said."""


@functools.cache
def tool(name: str) -> str:
    """The path of a tool of the test cluster, built if need be."""
    command = [str(CLUSTER), "tools", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[-1]


def helm(*arguments: str, stdin: str | None = None, environment: dict[str, str] | None = None) -> str:
    """Run helm and return what it printed.

    Raises:
        HelmError: it refused.
    """
    command = [tool("helm"), *arguments]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=environment, check=False, timeout=300
    )
    if done.returncode:
        raise HelmError(done.stderr)
    return done.stdout


def render(values: Values, *arguments: str) -> list[Manifest]:
    """All manifests, those of hooks and tests too; the same values are rendered once."""
    return copy.deepcopy(_rendered(yaml.safe_dump(values), arguments))


def render_anew(values: Values, chart: Path = CHART) -> list[Manifest]:
    """The same, as a second installation would have it."""
    return _rendered.__wrapped__(yaml.safe_dump(values), (), chart)


@functools.cache
def _rendered(values: str, arguments: tuple[str, ...], chart: Path = CHART) -> list[Manifest]:
    text = helm(
        "template", "videojobs", str(chart), "--namespace", NAMESPACE, "--kube-version", KUBE_VERSION,
        "--values", "-", *arguments, stdin=values,
    )  # fmt: skip
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def render_in_cluster(values: Values, environment: dict[str, str]) -> list[Manifest]:
    """The same with a cluster at hand, the one of KUBECONFIG, so that the chart finds what is there."""
    text = helm(
        "template", "videojobs", str(CHART), "--namespace", NAMESPACE, "--kube-version", KUBE_VERSION,
        "--dry-run=server", "--values", "-", stdin=yaml.safe_dump(values), environment=environment,
    )  # fmt: skip
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    """The manifests of these kinds."""
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    """The one manifest of this kind and name."""
    (found,) = (each for each in of_kind(manifests, kind) if each["metadata"]["name"] == name)
    return found


def pod_templates(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Every pod that Kubernetes is to run, by KIND/NAME; those of WorkerPools are the operator's to build."""
    found = {}
    for manifest in of_kind(manifests, "Deployment", "StatefulSet", "Job", "Pod"):
        pod = manifest if manifest["kind"] == "Pod" else manifest["spec"]["template"]
        found[f"{manifest['kind']}/{manifest['metadata']['name']}"] = pod
    return found
