"""The control plane that the integration tests stand on: it is real, and it leaves nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.control_plane import ControlPlane, ControlPlaneError

DEADLINE_S = 30.0
ROOT = Path(__file__).parents[2]

CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: from-the-tests}
data: {answer: "42"}
"""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""

# Starts a control plane, says where and with which processes, and waits to be killed.
START_AND_WAIT = """
import json, time
from tests.support.control_plane import ControlPlane
with ControlPlane() as plane:
    ids = [component.process.pid for component in plane.components]
    print(json.dumps({"folder": str(plane.folder), "ids": ids}), flush=True)
    time.sleep(600)
"""


def eventually(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as started:
        yield started


def test_keeps_what_it_is_given(plane: ControlPlane) -> None:
    plane.kubectl("create", "namespace", "kept")
    plane.kubectl("apply", "-n", "kept", "-f", "-", stdin=CONFIG_MAP)
    found = json.loads(plane.kubectl("get", "configmap", "-n", "kept", "-o", "json"))
    assert [item["data"] for item in found["items"]] == [{"answer": "42"}]


def test_refuses_a_stranger(plane: ControlPlane) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        plane.kubectl("get", "pods", "--as", "stranger")
    assert "cannot list resource" in refusal.value.stderr


def test_two_side_by_side_are_apart(plane: ControlPlane) -> None:
    plane.kubectl("create", "namespace", "mine")
    with ControlPlane() as other:
        assert other.url != plane.url
        assert "mine" not in other.kubectl("get", "namespaces", "-o", "name")


def test_leaves_no_process_and_no_file() -> None:
    with ControlPlane() as started:
        processes = [component.process for component in started.components]
        folder = started.folder
    assert [process.poll() is None for process in processes] == [False, False]
    assert not folder.exists()


def test_with_controllers_a_deployment_gets_its_pods() -> None:
    with ControlPlane(controllers=True) as started:
        eventually(lambda: "default" in started.kubectl("get", "serviceaccounts", "-o", "name"))
        started.kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
        eventually(lambda: "pod/web-" in started.kubectl("get", "pods", "-o", "name"))
        started.kubectl("delete", "deployment", "web")
        eventually(lambda: started.kubectl("get", "pods", "-o", "name") == "")


def test_says_why_a_part_did_not_start() -> None:
    with pytest.raises(ControlPlaneError, match=r"(?s)kube-apiserver ended.*no-such-flag"):
        ControlPlane(apiserver_arguments=["--no-such-flag"]).__enter__()


def test_dies_with_tests_that_are_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", START_AND_WAIT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        started = json.loads(tests.stdout.readline())
        tests.send_signal(signal.SIGKILL)
    eventually(lambda: not any(is_running(pid) for pid in started["ids"]))
    # Killed tests cannot tidy up their folder; that is this test's to do.
    subprocess.run(["rm", "-r", started["folder"]], check=True)


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
