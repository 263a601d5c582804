"""The cluster itself: kind creates and deletes it, kubectl says how it is."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import tools
from .commands import output
from .engine import Engine
from .errors import ClusterError, CommandError
from .places import SOURCES, Places
from .progress import step

WORKER = "- role: worker\n"
MEDIA = "/var/tmp/videojobs-media"  # noqa: S108 - the name in kind.yaml, replaced here
MEDIA_IN_NODE = "/var/lib/videojobs/media"
READY_TIMEOUT_S = 300


@dataclass(frozen=True)
class Kind:
    """The clusters of one engine."""

    places: Places
    engine: Engine

    def names(self) -> list[str]:
        return self._kind("get", "clusters").split()

    def nodes(self, name: str) -> list[str]:
        """Names of the nodes' containers, which are those of the nodes."""
        return sorted(self._kind("get", "nodes", "--name", name).split())

    def create(self, name: str, image: str | None, workers: int) -> None:
        """Create a cluster whose nodes run `image` (None: kind's default), and wait for it."""
        folder = self.places.cluster(name)
        folder.mkdir(parents=True, exist_ok=True)
        media = self.places.media(name)
        media.mkdir(exist_ok=True)
        media.chmod(0o1777)  # pods run as users of their own
        config = folder / "kind.yaml"
        config.write_text(render((SOURCES / "kind.yaml").read_text(), str(media), workers))
        chosen = ["--image", image] if image else []
        wait = ["--wait", f"{READY_TIMEOUT_S}s"]
        kubeconfig = ["--kubeconfig", str(self.places.kubeconfig(name))]
        with step(f"creating cluster {name}", "40 s"):
            made = ["create", "cluster", "--name", name, "--config", str(config)]
            self._kind(*made, *chosen, *wait, *kubeconfig)
            self._wait_for(name, "nodes", "--all", "--for=condition=Ready")
            self._wait_for_names(name)

    def delete(self, name: str) -> None:
        """Delete a cluster with its volumes, its kubeconfig and its media folder."""
        kubeconfig = ["--kubeconfig", str(self.places.kubeconfig(name))]
        with step(f"deleting cluster {name} and its media folder"):
            # Its files belong to the users of pods, so that not everybody may delete them.
            empty = ["find", MEDIA_IN_NODE, "-mindepth", "1", "-delete"]
            with contextlib.suppress(CommandError):  # the node may be stopped
                self.engine.docker("exec", f"{name}-control-plane", *empty)
            self._kind("delete", "cluster", "--name", name, *kubeconfig)
        self.forget(name)

    def forget(self, name: str) -> None:
        shutil.rmtree(self.places.cluster(name), ignore_errors=True)
        shutil.rmtree(self.places.media(name), ignore_errors=True)

    def start(self, name: str) -> bool:
        """Start the nodes of a cluster that are stopped, as after a restart of the engine."""
        stopped = [node for node in self.nodes(name) if not self._runs(node)]
        if not stopped:
            return False
        with step(f"starting {', '.join(stopped)}"):
            since = datetime.now(timezone.utc)
            self.engine.docker("start", *stopped)
            self._wait_until_fresh(name, since)
        return True

    def is_ready(self, name: str) -> bool:
        """Whether the API answers and every node is ready."""
        try:
            nodes = self.node_objects(name)
        except CommandError:
            return False
        return bool(nodes) and all(condition(node, "Ready") for node in nodes)

    def wait(self, name: str) -> None:
        """Wait until the cluster can run pods. Raises ClusterError when it takes too long."""
        with step(f"waiting for cluster {name}"):
            try:
                self._wait_for(name, "nodes", "--all", "--for=condition=Ready")
                self._wait_for_names(name)
            except CommandError as error:
                raise ClusterError(f"cluster {name} does not become ready:\n{error}") from error

    def node_objects(self, name: str) -> list[dict[str, Any]]:
        text = self.kubectl(name, "get", "nodes", "-o", "json", "--request-timeout=10s")
        items: list[dict[str, Any]] = json.loads(text)["items"]
        return items

    def kubectl(self, name: str, *arguments: str, stdin: str | None = None) -> str:
        program = str(tools.ensure(self.places, "kubectl"))
        kubeconfig = str(self.places.kubeconfig(name))
        return output([program, "--kubeconfig", kubeconfig, *arguments], stdin=stdin)

    def load(self, name: str, images: Sequence[str], nodes: Sequence[str]) -> None:
        chosen = ["--name", name, "--nodes", ",".join(nodes)]
        self._kind("load", "docker-image", *images, *chosen)

    def _runs(self, node: str) -> bool:
        shown = self.engine.docker("container", "inspect", "-f", "{{.State.Running}}", node)
        return shown.strip() == "true"

    def _wait_until_fresh(self, name: str, since: datetime) -> None:
        """Until every node has renewed its lease: what the API says from before is about the dead.

        Raises ClusterError when that takes too long.
        """
        deadline = time.monotonic() + READY_TIMEOUT_S
        leases = ["-n", "kube-node-lease", "get", "leases", "-o", "json", "--request-timeout=5s"]
        while time.monotonic() < deadline:
            with contextlib.suppress(CommandError):
                items = json.loads(self.kubectl(name, *leases))["items"]
                if items and all(renewed(lease) > since for lease in items):
                    return
            time.sleep(0.5)
        raise ClusterError(f"the nodes of {name} do not come back after {READY_TIMEOUT_S} s")

    def _wait_for(self, name: str, *what: str) -> None:
        self.kubectl(name, "wait", *what, f"--timeout={READY_TIMEOUT_S}s")

    def _wait_for_names(self, name: str) -> None:
        """Until pods can resolve the names of Services."""
        dns = ["deployment/coredns", "--for=condition=Available"]
        self._wait_for(name, "-n", "kube-system", *dns)

    def _kind(self, *arguments: str) -> str:
        program = str(tools.ensure(self.places, "kind"))
        quiet = {**self.engine.env, "KIND_EXPERIMENTAL_PROVIDER": "docker"}
        return output([program, *arguments], env=quiet)


def render(template: str, media: str, workers: int) -> str:
    """kind.yaml with another media folder, as JSON writes it, and with `workers` workers."""
    head, separator, worker = template.partition(WORKER)
    if not separator or MEDIA not in template:
        raise ClusterError(f"kind.yaml must have {WORKER.strip()!r} as its last node, and {MEDIA}")
    return (head + (separator + worker) * workers).replace(MEDIA, json.dumps(media))


def renewed(lease: dict[str, Any]) -> datetime:
    """When a node last said that it is alive."""
    text: str = lease["spec"]["renewTime"]
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def condition(node: dict[str, Any], kind: str) -> bool:
    """Whether a condition of a node is true."""
    conditions = node.get("status", {}).get("conditions", [])
    return any(one["type"] == kind and one["status"] == "True" for one in conditions)


def check_name(name: str) -> str:
    """The name, if kind takes it and containers of it have names that the network can carry.

    Raises ClusterError otherwise.
    """
    if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name) is None:
        raise ClusterError(
            f"--name {name!r}: at most 40 of a-z, 0-9 and '-', beginning and ending with one of the former"
        )
    return name


def kubeconfig_path(places: Places, name: str) -> Path:
    """The kubeconfig of a cluster that is up. Raises ClusterError when it is not."""
    path = places.kubeconfig(name)
    if not path.exists():
        raise ClusterError(f"there is no cluster {name}; `hack/cluster/cluster up --name {name}`")
    return path
