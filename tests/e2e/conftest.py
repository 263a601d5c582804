"""The cluster of `make up`: its nodes, its pools, and a namespace for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from hack.cluster_access import Cluster, CommandError, connect
from hack.demo import media
from hack.install import NAMESPACE
from tests.e2e.videojobs import World


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    try:
        found = connect()
        found.kubectl("-n", NAMESPACE, "rollout", "status", "deployment", "--timeout=180s", timeout_s=200)
    except CommandError as error:
        pytest.fail(f"no cluster with VideoJobs in it, run `make up` first: {error}")
    return found


@pytest.fixture(scope="session")
def sources(cluster: Cluster) -> str:
    """URI of the folder with the demo's clips and one that takes a while to encode."""
    media.make_sources(cluster)
    listing = media.in_worker(cluster, "ls", "/media/demo/source").split()
    if "half-minute.mp4" not in listing:
        media.in_worker(
            cluster, "ffmpeg", "-nostdin", "-loglevel", "error", "-y",
            "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=30",
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
            "/media/demo/source/half-minute.mp4",
        )  # fmt: skip
    return "file:///media/demo/source"


@pytest.fixture
def world(cluster: Cluster, sources: str) -> Iterator[World]:
    """A namespace of its own, and a folder for outputs."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    media.in_worker(cluster, "mkdir", "-p", f"/media/{name}")
    yield World(cluster, name, sources)
    cluster.kubectl("delete", "namespace", name, "--timeout=60s", timeout_s=90)
    media.in_worker(cluster, "rm", "-rf", f"/media/{name}")
