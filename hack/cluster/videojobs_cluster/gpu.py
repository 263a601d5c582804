"""Simulated GPUs: a real device plugin that offers `nvidia.com/gpu` on chosen nodes."""

from __future__ import annotations

import json
import shutil
import string
import tempfile
from pathlib import Path
from typing import Any

from . import images, tools
from .commands import output
from .engine import MADE_HERE
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
    now = _offered_by(kind, cluster, node)
    if now not in (0, count):
        # The kubelet knows plugins by their resource alone: the old one must be gone before the
        # new one registers, or its end would take the new one's devices with it.
        _set(kind, cluster, node, 0)
    _set(kind, cluster, node, count)
    _tidy(kind, cluster)


def offered(node: dict[str, Any]) -> int:
    """How many GPUs a node, as the API gives it, has for pods."""
    return int(node.get("status", {}).get("allocatable", {}).get(RESOURCE, 0))


def _offered_by(kind: Kind, cluster: str, node: str) -> int:
    nodes = {one["metadata"]["name"]: one for one in kind.node_objects(cluster)}
    return offered(nodes[node])


def _set(kind: Kind, cluster: str, node: str, count: int) -> None:
    if count:
        image = _image(kind, cluster)
        template = string.Template((SOURCES / "device-plugin/daemonset.yaml").read_text())
        manifest = template.substitute(image=image, count=count)
        kind.kubectl(cluster, "apply", "-f", "-", stdin=manifest)
    label = f"{LABEL}={count}" if count else f"{LABEL}-"
    # The label that NVIDIA's feature discovery gives nodes with GPUs.
    present = f"{RESOURCE}.present=true" if count else f"{RESOURCE}.present-"
    kind.kubectl(cluster, "label", "node", node, "--overwrite", label, present)
    with step(f"waiting for {node} to offer {count} GPUs"):
        _wait(kind, cluster, node, count)


def _image(kind: Kind, cluster: str) -> str:
    tool = tools.BUILT["device-plugin"]
    name = f"videojobs.dev/device-plugin:{tool.key()}"
    if not kind.engine.has("image", name):
        program = tools.ensure(kind.places, tool.name)
        with tempfile.TemporaryDirectory(prefix="videojobs-gpu-") as scratch:
            shutil.copy(program, Path(scratch) / tool.name)
            shutil.copy(SOURCES / "device-plugin/Dockerfile", scratch)
            output(
                [str(kind.engine.client), "build", "-q", "--label", MADE_HERE, "-t", name, scratch],
                env={**kind.engine.env, "DOCKER_BUILDKIT": "1"},
            )
    images.load(kind, cluster, [name])
    return name


def _wait(kind: Kind, cluster: str, node: str, count: int) -> None:
    if _offered_by(kind, cluster, node) == count:
        return  # also where the node has never heard of the resource, which no wait can express
    path = f"jsonpath={{.status.allocatable.nvidia\\.com/gpu}}={count}"
    try:
        kind.kubectl(cluster, "wait", f"node/{node}", f"--for={path}", f"--timeout={TIMEOUT_S}s")
    except CommandError as error:
        pods = ["get", "pods", "-l", "app=simulated-gpus", "-o", "wide"]
        shown = kind.kubectl(cluster, "-n", NAMESPACE, *pods)
        raise ClusterError(f"{node} does not offer {count} GPUs:\n{error}\n{shown}") from error


def _tidy(kind: Kind, cluster: str) -> None:
    """Delete the DaemonSets whose number no node has any more."""
    labels = [node["metadata"].get("labels", {}) for node in kind.node_objects(cluster)]
    used = {f"simulated-gpus-{label[LABEL]}" for label in labels if LABEL in label}
    ours = ["get", "daemonsets", "-l", "app=simulated-gpus", "-o", "json"]
    for item in json.loads(kind.kubectl(cluster, "-n", NAMESPACE, *ours))["items"]:
        name = item["metadata"]["name"]
        if name not in used:
            kind.kubectl(cluster, "-n", NAMESPACE, "delete", "daemonset", name, "--wait=false")
