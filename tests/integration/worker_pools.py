"""WorkerPools as a user has them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.support.control_plane import ControlPlane

CPU_QUEUES = ["render_queue", "preview_queue", "transcode_queue", "caption_queue"]


@dataclass
class Pool:
    """A WorkerPool in the cluster."""

    plane: ControlPlane
    namespace: str
    name: str

    @classmethod
    def apply(cls, plane: ControlPlane, namespace: str, name: str, **spec: Any) -> Pool:
        body = {
            "apiVersion": "videojobs.dev/v1alpha1",
            "kind": "WorkerPool",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"queues": CPU_QUEUES, **spec},
        }
        plane.kubectl("apply", "-f", "-", stdin=json.dumps(body))
        return cls(plane, namespace, name)

    def get(self) -> dict[str, Any]:
        text = self.plane.kubectl("get", "workerpool", "-n", self.namespace, self.name, "-o", "json")
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.get().get("status", {})
        return status

    def deployment(self) -> dict[str, Any]:
        """The pool's Deployment; empty as long as there is none."""
        try:
            text = self.plane.kubectl("get", "deployment", "-n", self.namespace, f"{self.name}-workers", "-o", "json")
        except subprocess.CalledProcessError as error:
            if "NotFound" not in error.stderr:
                raise
            return {}
        found: dict[str, Any] = json.loads(text)
        return found

    def replicas(self) -> int | None:
        """What the Deployment asks for; None as long as there is none."""
        replicas: int | None = self.deployment().get("spec", {}).get("replicas")
        return replicas

    def patch(self, spec: dict[str, Any]) -> None:
        body = json.dumps({"spec": spec})
        self.plane.kubectl("patch", "wp", "-n", self.namespace, self.name, "--type=merge", "-p", body)

    def delete(self) -> None:
        self.plane.kubectl("delete", "wp", "-n", self.namespace, self.name)
