"""The operator's process: what it says about itself, and how it begins and ends."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.operator_process import ROOT, OperatorProcess
from tests.integration.video_jobs import eventually
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(ROOT / part) for part in ("protocol", "operator"))
    return subprocess.run(
        [sys.executable, "-m", "videojobs_operator", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_names_every_variable() -> None:
    done = run("--help")
    assert done.returncode == 0
    for variable in ("REDIS_URL", "VIDEOJOBS_NAMESPACES", "VIDEOJOBS_HTTP_PORT", "KUBECONFIG"):
        assert variable in done.stdout


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "REDIS_URL is not set"),
        ({"REDIS_URL": "redis://localhost", "VIDEOJOBS_HTTP_PORT": "x"}, "VIDEOJOBS_HTTP_PORT is 'x'"),
        ({"REDIS_URL": "redis://localhost"}, "Set KUBECONFIG"),
        ({"REDIS_URL": "redis://localhost", "KUBECONFIG": "/nowhere"}, "KUBECONFIG"),
    ],
)
def test_what_it_cannot_start_with_is_said_in_a_line(environment: dict[str, str], told: str) -> None:
    done = run(**environment)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_probes_and_metrics(operator: OperatorProcess) -> None:
    assert operator.probe("/healthz") == (200, "ok")
    assert operator.probe("/readyz") == (200, "ok")
    text = operator.probe("/metrics")[1]
    for name in ("reconciles_total", "api_requests_total", "reconcile_lag_seconds", "redis_up", "work_queue_depth"):
        assert f"videojobs_{name}" in text
    assert operator.probe("/elsewhere")[0] == 404


HOSTS = ["127.0.0.1", *(["::1"] if socket.has_dualstack_ipv6() else [])]


@pytest.mark.parametrize("host", HOSTS)
def test_it_is_reached_by_ipv4_and_ipv6(operator: OperatorProcess, host: str) -> None:
    connection = http.client.HTTPConnection(host, operator.port, timeout=5)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok"
    connection.close()


def test_it_is_quiet_when_nothing_happens(operator: OperatorProcess) -> None:
    assert "Traceback" not in operator.log.read_text()
    assert "warning" not in operator.log.read_text().lower()


def test_it_waits_for_its_kinds(redis_server: RedisServer, tmp_path: Path) -> None:
    """A chart's CRDs and operator come at once: the operator must not give up on a server without them."""
    log = tmp_path / "operator.log"
    with ControlPlane() as bare:
        operator = OperatorProcess(bare.kubeconfig, redis_server.url, log)
        operator.start()
        try:
            eventually(lambda: "not there yet" in log.read_text(), "it says what it waits for", 60)
            assert operator.probe("/healthz")[0] == 200
            assert operator.probe("/readyz")[0] == 503
            bare.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
            eventually(lambda: operator.probe("/readyz")[0] == 200, "it is ready", 60)
        finally:
            assert operator.stop() == 0
