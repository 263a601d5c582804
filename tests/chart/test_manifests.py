"""Every manifest that the chart makes, over many values, is one that Kubernetes takes, and is locked down."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart.conftest import Api
from tests.chart.rendering import (
    CHART,
    KUBE_VERSION,
    MATRIX,
    Manifest,
    helm,
    of_kind,
    pod_templates,
    render,
    tool,
)
from tests.chart.schemas import LOCATION


def kubeconform(schemas: Path, manifests: list[Manifest]) -> subprocess.CompletedProcess[str]:
    location = f"-schema-location={schemas}/{LOCATION}"
    command = [tool("kubeconform"), "-strict", "-summary", "-output=json", location]
    text = yaml.safe_dump_all(manifests)
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)


SERVICE_MONITOR = ("--api-versions", "monitoring.coreos.com/v1/ServiceMonitor")


@pytest.mark.parametrize("name", MATRIX)
def test_helm_lint_has_nothing_to_say(name: str) -> None:
    values = yaml.safe_dump(MATRIX[name])
    helm("lint", "--strict", "--kube-version", KUBE_VERSION, str(CHART), "--values", "-", stdin=values)


@pytest.mark.parametrize("name", MATRIX)
def test_kubeconform_knows_every_field(name: str, schemas: Path) -> None:
    manifests = render(MATRIX[name], "--include-crds")
    done = kubeconform(schemas, manifests)
    told = json.loads(done.stdout)
    assert done.returncode == 0, [resource["msg"] for resource in told["resources"]]
    assert told["summary"]["valid"] == len(manifests)


def test_kubeconform_would_find_a_misspelt_field(schemas: Path) -> None:
    manifests = render({})
    (deployment,) = of_kind(manifests, "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    done = kubeconform(schemas, [deployment])
    assert done.returncode == 1
    assert "imagePullPolice" in done.stdout


@pytest.mark.parametrize("name", MATRIX)
def test_the_api_server_takes_it(name: str, api: Api) -> None:
    manifests = render(MATRIX[name])
    told = api.apply(manifests, "--dry-run=server")
    assert told.count("(server dry run)") == len(manifests)


@pytest.mark.parametrize("name", MATRIX)
def test_every_pod_passes_pod_security_restricted(name: str, api: Api) -> None:
    templates = pod_templates(render(MATRIX[name]))
    assert templates
    pods = [pod_of(owner, template) for owner, template in templates.items()]
    told = api.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(pods))
    assert told.count("created (server dry run)") == len(pods)


@pytest.mark.parametrize("name", MATRIX)
def test_no_container_may_write_to_its_image(name: str) -> None:
    for owner, template in pod_templates(render(MATRIX[name])).items():
        for container in template["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"], owner
            assert container["resources"]["limits"]["memory"], owner


def pod_of(owner: str, template: Manifest) -> Manifest:
    """The pod that would run."""
    spec = copy.deepcopy(template["spec"])
    if not any(volume["name"] == "data" for volume in spec["volumes"]):
        spec["volumes"].append({"name": "data", "emptyDir": {}})  # for the StatefulSet's claim template
    metadata = {"name": owner.lower().replace("/", "-"), "namespace": "restricted"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_the_restricted_namespace_would_refuse_an_ordinary_pod(api: Api) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod", "namespace": "restricted"},
        "spec": {"containers": [{"name": "main", "image": "main"}]},
    }
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        api.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))


def test_a_service_monitor_only_where_the_cluster_has_them() -> None:
    asked = {"metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}}}
    assert not of_kind(render(asked), "ServiceMonitor")
    (monitor,) = of_kind(render(asked, *SERVICE_MONITOR), "ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert not of_kind(render({}, *SERVICE_MONITOR), "ServiceMonitor")


def test_an_old_kubernetes_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"requires kubeVersion: >=1\.30"):
        helm("template", str(CHART), "--kube-version", "1.29.0")
