"""Simulated GPUs: a real device plugin that offers `nvidia.com/gpu` on chosen nodes."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from . import images, tools
from .commands import output
from .errors import ClusterError, CommandError
from .kind import Kind
from .places import SOURCES
from .progress import step

RESOURCE = "nvidia.com/gpu"
LABEL = "videojobs.dev/simulated-gpus"
NAMESPACE = "kube-system"
TIMEOUT_S = 120


def offer(kind: Kind, cluster: str, node: str, count: int) -> None:
    """Let a node offer `count` GPUs, none for 0, and wait until it does.

    Raises ClusterError for a node that is not there, or a number out of range.
    """
    if not 0 <= count <= 64:
        raise ClusterError(f"COUNT {count}: from 0 to 64")
    nodes = kind.nodes(cluster)
    if node not in nodes:
        raise ClusterError(f"NODE {node}: cluster {cluster} has {', '.join(nodes) or 'no nodes'}")
    if count:
        image = _image(kind, cluster)
        manifest = (SOURCES / "device-plugin/daemonset.json").read_text()
        kind.kubectl(cluster, "apply", "-f", "-", stdin=fill(manifest, image, count))
    label = f"{LABEL}={count}" if count else f"{LABEL}-"
    present = f"{RESOURCE}.present=true" if count else f"{RESOURCE}.present-"
    kind.kubectl(cluster, "label", "node", node, "--overwrite", label, present)
    with step(f"waiting for {node} to offer {count} GPUs"):
        _wait(kind, cluster, node, count)
    _tidy(kind, cluster)


def offered(node: dict) -> int:  # type: ignore[type-arg]
    """How many GPUs a node, as the API gives it, has for pods."""
    return int(node.get("status", {}).get("allocatable", {}).get(RESOURCE, 0))


def fill(manifest: str, image: str, count: int) -> str:
    """The DaemonSet for nodes that are to offer `count` GPUs."""
    return manifest.replace("IMAGE", image).replace("COUNT", str(count))


def _image(kind: Kind, cluster: str) -> str:
    tool = tools.BUILT["device-plugin"]
    name = f"videojobs.dev/device-plugin:{tool.key()}"
    if not kind.engine.has("image", name):
        program = tools.ensure(kind.places, tool.name)
        with tempfile.TemporaryDirectory(prefix="videojobs-gpu-") as scratch:
            shutil.copy(program, Path(scratch) / tool.name)
            shutil.copy(SOURCES / "device-plugin/Dockerfile", scratch)
            output(
                [str(kind.engine.client), "build", "-q", "-t", name, scratch],
                env={**kind.engine.env, "DOCKER_BUILDKIT": "1"},
            )
    images.load(kind, cluster, [name])
    return name


def _wait(kind: Kind, cluster: str, node: str, count: int) -> None:
    path = f"jsonpath={{.status.allocatable.nvidia\\.com/gpu}}={count}"
    wait = ["wait", f"node/{node}", f"--for={path}", f"--timeout={TIMEOUT_S}s"]
    if count == 0 and not any(
        offered(one) for one in kind.node_objects(cluster) if one["metadata"]["name"] == node
    ):
        return
    try:
        kind.kubectl(cluster, *wait)
    except CommandError as error:
        pods = kind.kubectl(cluster, "-n", NAMESPACE, "get", "pods", "-l", f"app={LABEL}", "-o", "wide")
        raise ClusterError(f"{node} does not offer {count} GPUs:\n{error}\n{pods}") from error


def _tidy(kind: Kind, cluster: str) -> None:
    """Delete the DaemonSets whose number no node has any more."""
    labels = [node["metadata"].get("labels", {}) for node in kind.node_objects(cluster)]
    used = {f"simulated-gpus-{label[LABEL]}" for label in labels if LABEL in label}
    text = kind.kubectl(cluster, "-n", NAMESPACE, "get", "daemonsets", "-o", "json")
    for item in json.loads(text)["items"]:
        name = item["metadata"]["name"]
        if name.startswith("simulated-gpus-") and name not in used:
            kind.kubectl(cluster, "-n", NAMESPACE, "delete", "daemonset", name, "--wait=false")
