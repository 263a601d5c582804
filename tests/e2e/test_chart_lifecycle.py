"""Install, upgrade, uninstall, install again with VideoJobs there: nothing is lost; `helm test` passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hack.cluster_access import ROOT, Cluster, CommandError
from hack.install import NAMESPACE, install
from tests.e2e.videojobs import World, eventually, slow, transcode

CHART = str(ROOT / "helm" / "videojobs")
VALUES = str(ROOT / "hack" / "cluster" / "values.yaml")
FINALIZER = "videojobs.dev/cancel"


def helm(cluster: Cluster, *arguments: str) -> str:
    return cluster.run("helm", "--namespace", NAMESPACE, *arguments, timeout_s=600)


def upgrade(cluster: Cluster, *settings: str) -> None:
    """`helm upgrade` with settings more, until all is ready."""
    more = [part for setting in settings for part in ("--set", setting)]
    command = ("upgrade", "videojobs", CHART, "--values", VALUES, *more, "--wait", "--timeout", "5m")
    helm(cluster, *command)


@pytest.fixture
def installed(cluster: Cluster) -> Iterator[Cluster]:
    """The installation of `make up`, put back as it was however the test ends."""
    yield cluster
    install(cluster)
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", "deployment", "--timeout=180s", timeout_s=200)


def password(cluster: Cluster) -> str:
    secret = cluster.get("-n", NAMESPACE, "secret", "videojobs-redis")
    return str(secret["data"]["redis-password"])


def column_names(cluster: Cluster) -> list[str]:
    crd = cluster.get("crd", "videojobs.videojobs.dev")
    return [column["name"] for column in crd["spec"]["versions"][0]["additionalPrinterColumns"]]


def finalizers(world: World, name: str) -> list[str]:
    return list(world.videojob(name)["metadata"].get("finalizers", []))


def small(world: World, name: str) -> dict[str, Any]:
    return transcode(f"{world.sources}/clip-a.mp4", f"{world.folder}/{name}.mp4", height=240)


def test_helm_test_passes(installed: Cluster) -> None:
    told = helm(installed, "test", "videojobs", "--logs")
    assert "Phase:          Succeeded" in told
    for part in ("operator", "resources", "redis", "pools"):
        assert f"ok      {part}:" in told, told


def test_all_that_runs_passes_pod_security_restricted(installed: Cluster, world: World) -> None:
    """The workers too, which the operator builds: admission looks at the pods that are there."""
    world.apply("warm", slow(world, "warm"))
    world.until_encoding("warm")
    label = "pod-security.kubernetes.io/enforce=restricted"
    command = ("label", "--dry-run=server", "--overwrite", "--warnings-as-errors", "namespace")
    installed.kubectl(*command, NAMESPACE, label)
    with pytest.raises(CommandError, match="violate the new PodSecurity"):
        installed.kubectl(*command, "kube-system", label)


def test_an_upgrade_loses_nothing(installed: Cluster, world: World) -> None:
    """The password stays, the job that runs goes on, and old CustomResourceDefinitions become new ones."""
    columns, kept = column_names(installed), password(installed)
    operation = [{"op": "remove", "path": "/spec/versions/0/additionalPrinterColumns/0"}]
    patch = f"-p={json.dumps(operation)}"
    installed.kubectl("patch", "crd", "videojobs.videojobs.dev", "--type=json", patch)
    assert column_names(installed) != columns
    world.apply("through", slow(world, "through"))
    world.until_encoding("through")
    upgrade(installed, "pools.cpu.scaling.maxReplicas=3", "operator.logLevel=debug")
    assert column_names(installed) == columns
    assert password(installed) == kept
    assert installed.get("-n", NAMESPACE, "workerpool", "cpu")["spec"]["scaling"]["maxReplicas"] == 3
    status = world.until_phase("through", "Succeeded", within_s=300)
    assert status["attempt"] == 1


def test_uninstall_and_install_again(installed: Cluster, world: World) -> None:
    world.apply("done", small(world, "done"))
    done = world.until_phase("done", "Succeeded", within_s=180)
    world.apply("paused", small(world, "paused") | {"suspend": True})
    # Longer than an uninstallation: a worker that is told to go finishes what it can.
    lengthy = {"codec": "h265", "height": 1080, "fps": 60}
    world.apply("unwanted", transcode(f"{world.sources}/half-minute.mp4", f"{world.folder}/unwanted.mp4", **lengthy))
    world.apply("running", slow(world, "running"))
    world.until_encoding("running")
    before = {name: world.videojob(name)["metadata"]["uid"] for name in ("done", "paused", "running")}

    helm(installed, "uninstall", "videojobs", "--wait", "--timeout", "5m")
    assert not installed.get("-n", NAMESPACE, "deployments,statefulsets,workerpools")["items"]
    for name in (*before, "unwanted"):
        assert FINALIZER not in finalizers(world, name), name
    # Nobody has to be there for a VideoJob to be deleted.
    world.kubectl("delete", "videojob", "unwanted", "--timeout=20s")
    assert f"/media/{world.namespace}/done.mp4" in world.files()

    install(installed)
    assert {name: world.videojob(name)["metadata"]["uid"] for name in before} == before
    assert world.status("done")["outputs"] == done["outputs"]
    world.until_phase("running", "Succeeded", within_s=400)
    world.kubectl("patch", "videojob", "paused", "--type=merge", '-p={"spec": {"suspend": false}}')
    world.until_phase("paused", "Succeeded", within_s=180)
    eventually(
        lambda: [path for path in world.files() if path.endswith(".mp4") and "/." not in path],
        lambda files: files == sorted(f"/media/{world.namespace}/{name}.mp4" for name in before),
        within_s=30,
    )
