"""What a WorkerPool's status says, above all of what does not go well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.core.builders import NOW
from videojobs_operator.api.workerpool import Scaling
from videojobs_operator.core.conditions import find
from videojobs_operator.core.pool_status import pool_status, refused_message, stalled_status, waiting_message
from videojobs_operator.core.scaling import PoolState, ScalingDecision, WorkerView

CREATING = {"name": "worker", "state": {"waiting": {"reason": "ContainerCreating"}}}
RUNNING = {"name": "worker", "state": {"running": {}}}
NO_IMAGE = {"name": "worker", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling x:1"}}}


def status_of(*workers: WorkerView, old: dict[str, Any] | None = None) -> dict[str, Any]:
    state = PoolState(Scaling(), 1, 1, workers)
    return pool_status(old or {}, state, ScalingDecision(1, "1 for 1 queued"), "a=b", 2, NOW)


@pytest.mark.parametrize(
    ("containers", "told"),
    [
        ([], ""),
        ([CREATING], ""),
        ([RUNNING], ""),
        ([NO_IMAGE], "worker: ImagePullBackOff: Back-off pulling x:1"),
        ([RUNNING, {"name": "side", "state": {"waiting": {"reason": "ErrImagePull"}}}], "side: ErrImagePull"),
        ([{"name": "worker"}], ""),
    ],
)
def test_why_a_container_does_not_start(containers: list[dict[str, Any]], told: str) -> None:
    assert waiting_message(containers) == told


def test_a_worker_that_does_not_start_is_named_with_its_reason() -> None:
    status = status_of(WorkerView("w1", started=False, ready=False, waiting=waiting_message([NO_IMAGE])))
    ready = find(status["conditions"], "Ready")
    assert (ready["status"], ready["message"]) == (
        "False",
        "0 of 1 ready; w1: worker: ImagePullBackOff: Back-off pulling x:1",
    )


def test_a_stalled_pool_says_why_until_it_is_mended() -> None:
    stalled = stalled_status(status_of(), "InvalidSpec", "spec.template.spec: must be an object", 3, NOW)
    found = find(stalled["conditions"], "Stalled")
    assert (found["status"], found["message"]) == ("True", "spec.template.spec: must be an object")
    assert find(stalled["conditions"], "Reconciling")["status"] == "False"
    assert (stalled["observedGeneration"], stalled["desiredReplicas"]) == (3, 1)
    mended = status_of(old=stalled)
    assert find(mended["conditions"], "Stalled")["status"] == "False"
    assert find(mended["conditions"], "Reconciling")["status"] == "True"


def test_a_pool_that_never_stalled_has_no_such_condition() -> None:
    assert not find(status_of()["conditions"], "Stalled")


def test_pods_that_are_refused_are_told_of() -> None:
    quota = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: gpus"}
    assert refused_message([quota]) == "exceeded quota: gpus"
    assert refused_message([quota | {"status": "False"}, {"type": "Available", "status": "True"}]) == ""
    state = PoolState(Scaling(), 1, 1, (), refused=refused_message([quota]))
    status = pool_status({}, state, ScalingDecision(1, "1 for 1 queued"), "a=b", 2, NOW)
    ready = find(status["conditions"], "Ready")
    assert (ready["reason"], ready["message"]) == ("PodsRefused", "0 of 1 ready; exceeded quota: gpus")
