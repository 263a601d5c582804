"""A worker's pod, as the scaling sees it."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_operator.controller.pool_reconciler import worker_view

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
ENDED = {"terminated": {"exitCode": 1, "reason": "Error"}}
CRASHING = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}


def pod(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "w1"}, "status": {"phase": "Running", "containerStatuses": list(containers)}}


@pytest.mark.parametrize(
    ("containers", "started"),
    [
        ([], False),
        ([{"name": "worker", "state": RUNNING}], True),
        ([{"name": "worker", "state": RUNNING, "lastState": ENDED}], True),
        ([{"name": "worker", "state": CRASHING, "lastState": ENDED}], False),
        ([{"name": "worker", "state": ENDED, "lastState": ENDED}], False),
        ([{"name": "worker", "state": CRASHING}, {"name": "sidecar", "state": RUNNING}], False),
    ],
)
def test_only_a_worker_that_runs_now_may_be_busy(containers: list[dict[str, Any]], started: bool) -> None:
    assert worker_view(pod(*containers), None).started is started
