"""VideoJobs as a user has them: applied, watched and waited for with kubectl."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.support.control_plane import ControlPlane

DEADLINE_S = 30.0
POLL_S = 0.02

TRANSCODE = {
    "source": {"uri": "file:///media/in.mp4"},
    "outputs": [{"uri": "file:///media/out.mp4"}],
}


def eventually(done: Callable[[], Any], what: str, timeout_s: float = DEADLINE_S) -> Any:
    """Wait until ``done`` returns something true, and return it."""
    deadline = time.monotonic() + timeout_s
    while not (result := done()):
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(POLL_S)
    return result


def manifest(namespace: str, name: str, **spec: Any) -> dict[str, Any]:
    """A VideoJob of a transcode."""
    return {
        "apiVersion": "videojobs.dev/v1alpha1",
        "kind": "VideoJob",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"transcode": TRANSCODE, **spec},
    }


@dataclass
class Job:
    """A VideoJob in the cluster."""

    plane: ControlPlane
    namespace: str
    name: str
    resource: ClassVar[str] = "videojob"

    @classmethod
    def apply(cls, plane: ControlPlane, namespace: str, name: str = "job", **spec: Any) -> Job:
        plane.kubectl("apply", "-f", "-", stdin=json.dumps(manifest(namespace, name, **spec)))
        return cls(plane, namespace, name)

    @classmethod
    def apply_many(cls, plane: ControlPlane, namespace: str, names: list[str], **spec: Any) -> list[Job]:
        """All in one kubectl."""
        items = [manifest(namespace, name, **spec) for name in names]
        body = {"apiVersion": "v1", "kind": "List", "items": items}
        plane.kubectl("create", "-f", "-", stdin=json.dumps(body))
        return [cls(plane, namespace, name) for name in names]

    def get(self) -> dict[str, Any]:
        """The whole object; empty when it is gone."""
        try:
            text = self.plane.kubectl("get", self.resource, "-n", self.namespace, self.name, "-o", "json")
        except subprocess.CalledProcessError as error:
            if "NotFound" not in error.stderr:
                raise
            return {}
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def uid(self) -> str:
        return str(self.get()["metadata"]["uid"])

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.get().get("status", {})
        return status

    def events(self, reason: str) -> str:
        """Messages of the Kubernetes Events of a reason about it."""
        which = f"--field-selector=reason={reason},involvedObject.name={self.name}"
        return self.plane.kubectl("get", "events", "-n", self.namespace, which, "-o", "jsonpath={.items[*].message}")

    def patch(self, spec: dict[str, Any]) -> None:
        body = json.dumps({"spec": spec})
        self.plane.kubectl("patch", self.resource, "-n", self.namespace, self.name, "--type=merge", "-p", body)

    def delete(self) -> None:
        """Ask for its deletion; a finalizer may keep it."""
        self.plane.kubectl("delete", self.resource, "-n", self.namespace, self.name, "--wait=false")

    def wait_phase(self, phase: str, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """Wait for a phase; returns the status then."""
        return self.wait(lambda status: status.get("phase") == phase, f"phase {phase}", timeout_s)

    def wait(self, true: Callable[[dict[str, Any]], Any], what: str, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """Wait for something to be true of the status; returns it."""
        status: dict[str, Any] = {}

        def look() -> bool:
            nonlocal status
            status = self.status
            return bool(true(status))

        try:
            eventually(look, what, timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; last seen: {json.dumps(status, indent=1)}") from None
        return status

    def condition(self, kind: str) -> str:
        """Status of a condition, empty when it is not there."""
        found = {each["type"]: each["status"] for each in self.status.get("conditions", [])}
        return str(found.get(kind, ""))
