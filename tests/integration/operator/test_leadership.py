"""Two operators on one API server: one acts, the other takes over; nothing is dispatched twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.operator_process import OperatorProcess
from tests.integration.scripted_worker import ScriptedWorker
from tests.integration.video_jobs import Job, eventually
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer

#: Longer than a Lease that nobody renews, by what a loaded machine takes.
FAILOVER_S = 40.0


@pytest.fixture
def pair(
    control_plane: ControlPlane, redis_server: RedisServer, namespace: str, tmp_path: Path
) -> Iterator[dict[str, OperatorProcess]]:
    with ExitStack() as stack:
        found = {
            name: OperatorProcess(
                control_plane.kubeconfig, redis_server.url, tmp_path / f"{name}.log", [namespace], f"{namespace}/lease"
            )
            for name in ("first", "second")
        }
        for operator in found.values():
            stack.enter_context(operator)  # the second one when the first one is ready
        yield found


def leads(operator: OperatorProcess) -> bool:
    return "videojobs_leader 1.0" in operator.probe("/metrics")[1]


def leader(pair: dict[str, OperatorProcess]) -> str:
    return str(eventually(lambda: [name for name, each in pair.items() if leads(each)], "one leads", FAILOVER_S)[0])


def runs(plane: ControlPlane, namespace: str, worker: ScriptedWorker, name: str) -> None:
    job = Job.apply(plane, namespace, name)
    taken = worker.take(job.uid, timeout_s=FAILOVER_S)
    assert taken.attempt.number == 1
    assert worker.waiting("transcode_queue") == 0
    taken.begin()
    taken.succeed()
    job.wait_phase("Succeeded")


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_the_other_takes_over_and_goes_on_with_what_there_is(
    control_plane: ControlPlane,
    namespace: str,
    redis_server: RedisServer,
    pair: dict[str, OperatorProcess],
    ending: str,
) -> None:
    with ScriptedWorker(redis_server.url) as worker:
        first = leader(pair)
        (second,) = pair.keys() - {first}
        runs(control_plane, namespace, worker, "before")
        running = Job.apply(control_plane, namespace, "running")
        taken = worker.take(running.uid)
        taken.begin()
        running.wait_phase("Running")
        assert not leads(pair[second])
        began = time.monotonic()
        getattr(pair[first], ending)()
        runs(control_plane, namespace, worker, "after")
        assert time.monotonic() - began < FAILOVER_S
        assert leads(pair[second])
        taken.succeed()
        running.wait_phase("Succeeded")
        lease = json.loads(control_plane.kubectl("get", "lease", "-n", namespace, "lease", "-o", "json"))
        assert lease["spec"]["leaseTransitions"] == 2


def test_one_whose_lease_was_taken_ends_and_writes_nothing_more(
    control_plane: ControlPlane, namespace: str, redis_server: RedisServer, pair: dict[str, OperatorProcess]
) -> None:
    first = leader(pair)
    body = json.dumps({"spec": {"holderIdentity": "somebody else"}})
    control_plane.kubectl("patch", "lease", "-n", namespace, "lease", "--type=merge", "-p", body)
    process = pair[first].process
    assert process is not None
    eventually(lambda: process.poll() is not None, "it ends", FAILOVER_S)
    assert process.returncode == 1
    assert "Traceback" not in pair[first].log.read_text()
    job = Job.apply(control_plane, namespace)
    with ScriptedWorker(redis_server.url) as worker:  # the other one leads once that Lease has run out
        worker.take(job.uid, timeout_s=FAILOVER_S)
