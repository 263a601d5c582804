"""A real API server with our CustomResourceDefinitions, one for all tests of the chart."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART, NAMESPACE, Manifest
from tests.chart.schemas import write_schemas
from tests.support.control_plane import ControlPlane

#: What admission looks up for the pods of MATRIX["scheduled"] and of a GPU pool.
CLASSES: list[Manifest] = [
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "media"},
        "value": 1,
    },
    {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "gvisor"},
        "handler": "x",
    },
]


@dataclass(frozen=True)
class Api:
    """kubectl against the API server. Nothing in it schedules or runs pods."""

    kubectl_path: str
    kubeconfig: Path

    @property
    def environment(self) -> dict[str, str]:
        """For programs that find the API server by KUBECONFIG."""
        return os.environ | {"KUBECONFIG": str(self.kubeconfig)}

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl and return what it printed; an error's text is in the AssertionError."""
        done = subprocess.run(
            [self.kubectl_path, *arguments],
            input=stdin, capture_output=True, text=True, env=self.environment, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, manifests: list[Manifest], *arguments: str) -> str:
        """Apply, with unknown fields refused."""
        stdin = yaml.safe_dump_all(manifests)
        return self.kubectl("apply", "--validate=strict", *arguments, "-f", "-", stdin=stdin)

    def get(self, *arguments: str) -> Any:
        """``kubectl get -o json``, parsed."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """The API server, with the chart's CustomResourceDefinitions."""
    with ControlPlane() as plane:
        started = Api(str(plane.binaries / "kubectl"), plane.kubeconfig)
        started.kubectl("apply", "--server-side", "-f", str(CHART / "crds"))
        started.kubectl("wait", "--for=condition=Established", "crd", "--all")
        for namespace in (NAMESPACE, "team-a", "team-b", "restricted"):
            started.kubectl("create", "namespace", namespace)
        started.apply(CLASSES)
        enforce = "pod-security.kubernetes.io/enforce=restricted"
        started.kubectl("label", "namespace", "restricted", enforce)
        yield started


@pytest.fixture(scope="session")
def schemas(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of JSON schemas of all that the API server knows."""
    folder = tmp_path_factory.mktemp("schemas")
    write_schemas(json.loads(api.kubectl("get", "--raw", "/openapi/v2")), folder)
    return folder
