"""`make up`: a cluster with VideoJobs in it, built and installed from this checkout.

Every step is skipped by its own tool when there is nothing to do, so that the second time takes seconds.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from rich.console import Console

from hack.cluster_access import CLUSTER, ROOT, Cluster, CommandError, bring_up
from hack.version import VERSION

NAMESPACE = "videojobs"
#: Lets a shell's kubectl speak to the cluster, wherever the shell is.
USE = f'eval "$({shlex.quote(str(CLUSTER))} env)"'

P = ParamSpec("P")
T = TypeVar("T")

console = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Image:
    """An image of this checkout."""

    tag: str
    dockerfile: str
    context: str = "."


IMAGES = (
    Image(f"videojobs/operator:{VERSION}", "Dockerfile.operator"),
    Image(f"videojobs/worker:{VERSION}", "Dockerfile.worker"),
    Image(f"videojobs/redis:{VERSION}", "hack/cluster/images/redis.Dockerfile", "hack/cluster/images"),
)


def timed(title: str, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step between two lines that say what it is and how long it took."""
    console.print(f"[bold]{title}[/bold]")
    begun = time.monotonic()
    result = step(*args, **kwargs)
    console.print(f"  done in {time.monotonic() - begun:.0f} s", style="green")
    return result


def build(cluster: Cluster, image: Image) -> None:
    """Build an image with the cluster's engine."""
    options = ("-f", image.dockerfile)
    cluster.run(str(CLUSTER), "build", image.tag, *options, image.context, timeout_s=1800, show=True)


def load(cluster: Cluster) -> None:
    """Give the images to every node."""
    tags = [image.tag for image in IMAGES]
    cluster.run(str(CLUSTER), "load", "--name", cluster.name, *tags, timeout_s=600, show=True)


def fetch_helm(cluster: Cluster) -> None:
    """Have helm at hand; it is built where the machine has none."""
    cluster.run(str(CLUSTER), "tools", "helm", timeout_s=1200, show=True)


def install(cluster: Cluster) -> None:
    """Install or upgrade the chart and wait until the operator is ready."""
    chart = str(ROOT / "helm" / "videojobs")
    values = str(ROOT / "hack" / "cluster" / "values.yaml")
    cluster.run(
        "helm", "upgrade", "--install", "videojobs", chart, "--values", values,
        "--namespace", NAMESPACE, "--create-namespace", "--wait", "--timeout", "5m",
    )  # fmt: skip


def restart_changed(cluster: Cluster) -> None:
    """Restart pods whose image was built anew: the tag stays the same while one develops."""
    cluster.kubectl("-n", NAMESPACE, "rollout", "restart", "deployment")
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment", "--timeout=180s", timeout_s=200)


def image_ids(cluster: Cluster) -> list[str]:
    """The engine's ids of the images, empty where one is missing."""
    found = []
    for image in IMAGES:
        try:
            found.append(cluster.run("docker", "image", "inspect", "-f", "{{.Id}}", image.tag).strip())
        except CommandError:
            found.append("")
    return found


def tell_next() -> None:
    """How to look at what was brought up."""
    text = f"""
Look at it:
  {USE}
  kubectl get videojobs -A
Run the examples: make demo"""
    console.print(text, markup=False, soft_wrap=True)  # what is to be copied stays in one line


def main() -> None:
    """Do it all."""
    cluster = timed("Cluster", bring_up)
    before = image_ids(cluster)
    for image in IMAGES:
        timed(f"Image {image.tag}", build, cluster, image)
    timed("Images into the cluster", load, cluster)
    timed("helm", fetch_helm, cluster)
    timed("helm upgrade --install videojobs", install, cluster)
    if all(before) and before != image_ids(cluster):
        timed("Pods with the new images", restart_changed, cluster)
    tell_next()


if __name__ == "__main__":
    try:
        main()
    except CommandError as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(1)
