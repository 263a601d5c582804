"""kill -9 of a worker and of the operator in mid-run: the VideoJob still succeeds, once."""

from __future__ import annotations

from contextlib import suppress

from hack.cluster_access import CommandError
from hack.install import NAMESPACE
from tests.e2e.videojobs import World, eventually, slow

#: PID 1 is the init of the image, which nobody can kill from within; its children are the program. The
#: operator's image has no psutil, so /proc says whose child a process is (its parent follows name and state).
_KILL = """
import os, pathlib
for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
    if stat.read_text().rpartition(")")[2].split()[1] == "1":
        os.kill(int(stat.parent.name), 9)
"""


def kill_9(world: World, pod: str) -> None:
    """kill -9 of the program in a pod. The exec's own connection may die with it."""
    before = restarts(world, pod)
    with suppress(CommandError):
        world.in_pod(pod, "python3", "-c", _KILL)
    eventually(lambda: restarts(world, pod), lambda count: count > before, within_s=30)


def restarts(world: World, pod: str) -> int:
    """How often a pod's container was started again."""
    found = world.cluster.get("-n", NAMESPACE, "pod", pod)
    return sum(item["restartCount"] for item in found["status"].get("containerStatuses", []))


def assert_succeeded_once(world: World, name: str) -> None:
    outputs = [path for path in world.files() if path.endswith(f"{name}.mp4") and "/." not in path]
    assert outputs == [f"/media/{world.namespace}/{name}.mp4"]
    assert world.events(name).count("Succeeded") == 1
    assert not [path for path in world.files() if "partial" in path]


def test_a_killed_worker(world: World) -> None:
    world.apply("worker-lost", slow(world, "worker-lost"))
    pod = world.until_encoding("worker-lost")["worker"]["pod"]
    kill_9(world, pod)
    status = world.until_phase("worker-lost", "Succeeded", within_s=300)
    assert status["attempt"] == 2
    assert status["failed"] == 1
    assert_succeeded_once(world, "worker-lost")


def test_a_killed_operator(world: World) -> None:
    world.apply("operator-lost", slow(world, "operator-lost"))
    world.until_encoding("operator-lost")
    selector = "app.kubernetes.io/component=operator"
    (pod,) = world.cluster.get("-n", NAMESPACE, "pods", "-l", selector)["items"]
    kill_9(world, pod["metadata"]["name"])
    status = world.until_phase("operator-lost", "Succeeded", within_s=300)
    assert status["attempt"] == 1
    assert not status.get("failed")
    assert_succeeded_once(world, "operator-lost")
