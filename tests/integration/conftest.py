"""Real parts for the integration tests: an API server, a Redis, and the operator as its own process.

The control plane and the Redis are one a session (one a process of xdist), since starting them takes
seconds. The operator is one a module and watches the namespaces that the module's tests make.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.operator_process import OperatorProcess
from tests.integration.video_jobs import eventually
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """An API server that knows VideoJobs and WorkerPools."""
    with ControlPlane() as started:
        started.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
        for plural in ("videojobs", "workerpools"):
            crd = f"crd/{plural}.videojobs.dev"
            started.kubectl("wait", "--for=condition=Established", "--timeout=30s", crd)
            # Established comes a moment before its storage can be read.
            eventually(lambda kind=plural: lists(started, kind), f"{plural} can be listed")  # type: ignore[misc]
        yield started


def lists(plane: ControlPlane, kind: str) -> bool:
    """Whether the API server lists a kind."""
    try:
        plane.kubectl("get", "--raw", f"/apis/videojobs.dev/v1alpha1/{kind}")
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that tests may stop, start and empty, as long as they leave it running."""
    with RedisServer() as started:
        yield started


@pytest.fixture(scope="module")
def new_namespace(control_plane: ControlPlane) -> Callable[[], str]:
    """Makes namespaces."""

    def make() -> str:
        name = f"test-{next(_numbers)}"
        control_plane.kubectl("create", "namespace", name)
        return name

    return make


@pytest.fixture(scope="module")
def operator(
    control_plane: ControlPlane, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """The operator, watching all namespaces."""
    folder = tmp_path_factory.mktemp("operator")
    # What another module left, jobs as well as messages, would be work for this one's pools.
    control_plane.kubectl("delete", "videobatches,videojobs,workerpools", "--all-namespaces", "--all", "--wait=false")
    redis_server.cli("FLUSHALL")
    with OperatorProcess(control_plane.kubeconfig, redis_server.url, folder / "operator.log") as started:
        yield started


@pytest.fixture
def namespace(control_plane: ControlPlane, new_namespace: Callable[[], str]) -> Iterator[str]:
    """A namespace of the test's own, whose jobs and pools go with the test: all share the Celery queues."""
    name = new_namespace()
    yield name
    control_plane.kubectl("delete", "videobatches,videojobs,workerpools", "-n", name, "--all", "--wait=false")
