"""What the end to end tests do to VideoJobs and ask about them, in a user's words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hack.cluster_access import Cluster
from hack.demo import media
from hack.install import NAMESPACE

T = TypeVar("T")
Resource = dict[str, Any]

#: Lists the ffmpeg processes of a pod: the image has no ps, but it has psutil.
_LIST_FFMPEG = "import psutil; print(sum(p.name() == 'ffmpeg' for p in psutil.process_iter()))"


def eventually(observe: Callable[[], T], accept: Callable[[T], object], within_s: float) -> T:
    """Ask again until the answer is accepted.

    Raises:
        AssertionError: it was not in time; the text holds the last answer.
    """
    deadline = time.monotonic() + within_s
    while True:
        seen = observe()
        if accept(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:.0f} s; last seen: {seen!r:.2000}")
        time.sleep(0.2)


@dataclass(frozen=True)
class World:
    """A namespace in the cluster, and a folder of the shared media volume."""

    cluster: Cluster
    namespace: str
    sources: str

    @property
    def folder(self) -> str:
        """URI of the folder for outputs."""
        return f"file:///media/{self.namespace}"

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout_s: float = 120) -> str:
        """kubectl in this namespace."""
        return self.cluster.kubectl("-n", self.namespace, *arguments, stdin=stdin, timeout_s=timeout_s)

    def apply(self, name: str, spec: dict[str, Any], kind: str = "VideoJob") -> None:
        """Apply a VideoJob, or a VideoBatch."""
        manifest = {
            "apiVersion": "videojobs.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": spec,
        }
        self.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    def videojob(self, name: str) -> Resource:
        """The VideoJob as it stands."""
        return self.cluster.get("-n", self.namespace, "videojob", name)  # type: ignore[no-any-return]

    def status(self, name: str) -> Resource:
        """Its status, empty before the operator has seen it."""
        return self.videojob(name).get("status", {})  # type: ignore[no-any-return]

    def until(self, name: str, accept: Callable[[Resource], object], within_s: float = 120) -> Resource:
        """Its status, once accepted."""
        return eventually(lambda: self.status(name), accept, within_s)

    def until_encoding(self, name: str) -> Resource:
        """Its status, once ffmpeg is well under way."""
        return self.until(name, lambda seen: seen.get("progress", {}).get("percent", 0) >= 5)

    def until_phase(self, name: str, phase: str, within_s: float = 120) -> Resource:
        """Its status, once in a phase."""
        return self.until(name, lambda seen: seen.get("phase") == phase, within_s)

    def events(self, name: str) -> list[str]:
        """Reasons of the events about a VideoJob."""
        selector = f"involvedObject.name={name}"
        items = self.cluster.get("-n", self.namespace, "events", "--field-selector", selector)["items"]
        return [item["reason"] for item in items]

    def files(self) -> list[str]:
        """All files in the folder for outputs, hidden ones too."""
        path = f"/media/{self.namespace}"
        return sorted(media.in_worker(self.cluster, "find", path, "-type", "f").split())

    def ffmpegs(self) -> int:
        """How many ffmpegs run in all workers together."""
        pods = self.worker_pods()
        return sum(int(self.in_pod(pod, "python3", "-c", _LIST_FFMPEG)) for pod in pods)

    def worker_pods(self, pool: str | None = None) -> list[str]:
        """Names of the running worker pods."""
        selector = f"videojobs.dev/worker-pool={pool}" if pool else "videojobs.dev/worker-pool"
        query = ("-n", NAMESPACE, "pods", "-l", selector, "--field-selector=status.phase=Running")
        return [item["metadata"]["name"] for item in self.cluster.get(*query)["items"]]

    def in_pod(self, pod: str, *command: str) -> str:
        """Run a command in a pod of the installation."""
        return self.cluster.kubectl("-n", NAMESPACE, "exec", pod, "--", *command)


def transcode(source: str, output: str, **video: Any) -> dict[str, Any]:
    """Spec of a VideoJob with one output; ``video`` as in ``spec.transcode.outputs[].video``."""
    outputs = [{"uri": output, "video": video}] if video else [{"uri": output}]
    return {"transcode": {"source": {"uri": source}, "outputs": outputs}}


def slow(world: World, name: str) -> dict[str, Any]:
    """Spec of a VideoJob that encodes for some 15 seconds or more on two cores."""
    return transcode(f"{world.sources}/half-minute.mp4", f"{world.folder}/{name}.mp4", codec="h265", height=720)


def condition(status: Resource, kind: str) -> Resource:
    """A condition of a status, empty if it is not there."""
    return next((item for item in status.get("conditions", []) if item["type"] == kind), {})
