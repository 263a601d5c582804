"""The rights that the chart gives are enough: the operator as a service account that has them and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.operator_process import OperatorProcess
from tests.integration.scripted_worker import ScriptedWorker
from tests.integration.video_jobs import Job, eventually
from tests.integration.worker_pools import Pool
from tests.support.control_plane import ControlPlane, build_kubeconfig
from tests.support.redis_server import RedisServer

RBAC = Path(__file__).parents[3] / "helm" / "videojobs" / "templates" / "operator" / "rbac.yaml"


def chart_rules(name: str) -> list[dict[str, Any]]:
    """Rules that the chart has under a name."""
    found = re.search(rf'define "videojobs.operator.{name}" -}}}}\n(.*?){{{{- end', RBAC.read_text(), re.DOTALL)
    assert found, "the chart no longer names its rules so"
    rules: list[dict[str, Any]] = yaml.safe_load(found.group(1))
    return rules


def bind(plane: ControlPlane, namespace: str, *, clusterwide: bool) -> str:
    """A service account with the rules; returns its token."""
    prefix, scope = ("Cluster", {}) if clusterwide else ("", {"namespace": namespace})
    name = f"operator-{namespace}"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": f"{prefix}Role", "metadata": {"name": name, **scope}}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": f"{prefix}RoleBinding",
        "metadata": {"name": name, **scope},
        "roleRef": {"apiGroup": group, "kind": f"{prefix}Role", "name": name},
        "subjects": [subject],
    }
    plane.kubectl("create", "serviceaccount", "-n", namespace, name)
    for body in ({**role, "rules": chart_rules("rules")}, binding, *lease_rights(namespace, name)):
        plane.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    return plane.kubectl("create", "token", "-n", namespace, name).strip()


def lease_rights(namespace: str, account: str) -> list[dict[str, Any]]:
    """A Role for the Lease, and its binding."""
    group, name = "rbac.authorization.k8s.io", {"name": "lease", "namespace": namespace}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": name, "rules": chart_rules("leaseRules")},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "lease"},
            "subjects": [subject],
        },
    ]


@pytest.fixture(params=["clusterwide", "namespaced"])
def operator(
    request: pytest.FixtureRequest,
    control_plane: ControlPlane,
    redis_server: RedisServer,
    namespace: str,
    tmp_path: Path,
) -> Iterator[OperatorProcess]:
    clusterwide = request.param == "clusterwide"
    token = bind(control_plane, namespace, clusterwide=clusterwide)
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(build_kubeconfig(control_plane.url, control_plane.ca, token)))
    namespaces = [] if clusterwide else [namespace]
    lease = f"{namespace}/operator"
    with OperatorProcess(kubeconfig, redis_server.url, tmp_path / "operator.log", namespaces, lease) as started:
        yield started


def test_the_charts_rights_are_enough_for_a_whole_life(
    control_plane: ControlPlane,
    operator: OperatorProcess,
    namespace: str,
    redis_server: RedisServer,
    new_namespace: Callable[[], str],
) -> None:
    pool = Pool.apply(control_plane, namespace, "cpu")
    eventually(lambda: pool.replicas() is not None, "a Deployment")
    job = Job.apply(control_plane, namespace, ttlSecondsAfterFinished=1)
    with ScriptedWorker(redis_server.url) as worker:
        taken = worker.take(job.uid)
        taken.begin()
        job.wait_phase("Running")
        taken.succeed()
    eventually(lambda: not job.get(), "deleted after its time")
    events = control_plane.kubectl("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].reason}")
    assert "Succeeded" in events
    assert "forbidden" not in operator.log.read_text()
    assert 'code="403"' not in operator.probe("/metrics")[1]
