"""How many workers a pool gets, and that nobody who may be busy is sent away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_operator.api.workerpool import Scaling
from videojobs_operator.core.scaling import PoolState, ScalingDecision, WorkerView, decide_replicas
from videojobs_protocol.heartbeat import Heartbeat

NOW = 1000.0


def rule(least: int = 0, most: int = 10, jobs: int = 1, idle: int = 60) -> Scaling:
    return Scaling(min_replicas=least, max_replicas=most, jobs_per_replica=jobs, idle_seconds=idle)


def busy(pod: str) -> WorkerView:
    return WorkerView(pod, started=True, ready=True, heartbeat=Heartbeat(pod, running=("task",)))


def idle(pod: str, seconds: float = 100) -> WorkerView:
    return WorkerView(pod, started=True, ready=True, heartbeat=Heartbeat(pod, idle_since=NOW - seconds))


def silent(pod: str) -> WorkerView:
    return WorkerView(pod, started=True, ready=True)


def pending(pod: str) -> WorkerView:
    return WorkerView(pod, started=False, ready=False, unschedulable="0/1 nodes are available")


def restarting(pod: str) -> WorkerView:
    """Its last word, that it runs something, is not yet forgotten."""
    return WorkerView(pod, started=False, ready=False, heartbeat=Heartbeat(pod, running=("task",)))


def decide(
    queued: int | None, replicas: int | None, *workers: WorkerView, scaling: Scaling | None = None
) -> ScalingDecision:
    return decide_replicas(PoolState(scaling or rule(), replicas, queued, workers), NOW)


@pytest.mark.parametrize(
    ("queued", "replicas", "workers", "scaling", "want"),
    [
        (0, None, (), rule(), 0),
        (0, None, (), rule(least=2), 2),
        (1, 0, (), rule(), 1),
        (25, 0, (), rule(), 10),
        (25, 0, (), rule(jobs=10), 3),
        (3, 1, (busy("a"),), rule(), 4),
        (0, 1, (busy("a"),), rule(), 1),
        (0, 2, (busy("a"), idle("b")), rule(), 1),
        (0, 2, (idle("a"), idle("b")), rule(), 0),
        (0, 2, (idle("a"), idle("b")), rule(least=1), 1),
        (0, 2, (idle("a", 59), idle("b", 61)), rule(), 1),
        (0, 1, (idle("a", 59),), rule(), 1),
        (0, 3, (idle("a"), silent("b"), idle("c")), rule(), 3),
        (0, 2, (pending("a"), busy("b")), rule(), 1),
        (0, 2, (restarting("a"), pending("b")), rule(), 1),
        (None, 3, (idle("a"),), rule(), 3),
        (None, None, (), rule(least=1), 1),
    ],
)
def test_replicas(
    queued: int | None, replicas: int | None, workers: tuple[WorkerView, ...], scaling: Scaling, want: int
) -> None:
    decision = decide(queued, replicas, *workers, scaling=scaling)
    assert decision.replicas == want
    assert decision.reason


def test_the_idle_are_the_victims_and_those_that_never_ran_go_first() -> None:
    assert decide(0, 3, busy("a"), idle("b"), pending("c")).victims == ("c", "b")


def test_it_looks_again_when_a_worker_has_been_idle_for_long_enough() -> None:
    assert decide(0, 1, idle("a", 45)).requeue_after_s == 15


workers_strategy = st.lists(
    st.builds(
        lambda name, make: make(name),
        st.uuids().map(str),
        st.sampled_from([busy, idle, silent, pending, lambda pod: idle(pod, 5)]),
    ),
    max_size=12,
)


@given(st.none() | st.integers(0, 50), workers_strategy, st.integers(0, 5), st.integers(5, 12))
def test_never_below_the_busy_and_never_a_busy_victim(
    queued: int | None, workers: list[WorkerView], least: int, most: int
) -> None:
    decision = decide(queued, len(workers), *workers, scaling=rule(least, most))
    taken = len(workers) - decision.replicas
    may_be_busy = {worker.pod for worker in workers if worker.busy or (worker.started and worker.heartbeat is None)}
    assert taken <= len(workers) - len(may_be_busy)
    assert not may_be_busy & set(decision.victims)
    if taken > 0:
        assert len(decision.victims) == taken
