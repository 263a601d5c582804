"""How many workers a pool should have, and which may go.

``clamp(ceil((queued + running) / jobsPerReplica), min, max)``: up at once, down only by workers that have told that
they are idle for long enough. Whoever is not heard of may be busy, and then nobody goes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from videojobs_operator.api.workerpool import Scaling
from videojobs_protocol.heartbeat import Heartbeat


@dataclass(frozen=True)
class WorkerView:
    """A worker pod. ``started`` says that its container runs now, ``heartbeat`` is its last word."""

    pod: str
    started: bool
    ready: bool
    leaving: bool = False
    heartbeat: Heartbeat | None = None
    unschedulable: str = ""
    waiting: str = ""  # why a container does not start

    @property
    def busy(self) -> bool:
        """It runs something."""
        return bool(self.heartbeat and self.heartbeat.running)


@dataclass(frozen=True)
class PoolState:
    """What is known of a pool. ``queued`` is None while Redis is away, ``replicas`` before there is a Deployment."""

    scaling: Scaling
    replicas: int | None
    queued: int | None
    workers: tuple[WorkerView, ...] = ()
    refused: str = ""  # why the API server takes no pods of it, a quota for one

    @property
    def running(self) -> int:
        """Jobs that the pool's workers run."""
        return sum(len(worker.heartbeat.running) for worker in self.workers if worker.heartbeat)


@dataclass(frozen=True)
class ScalingDecision:
    """``victims`` get the lower deletion cost before ``replicas`` is set; ``reason`` is for people."""

    replicas: int
    reason: str
    victims: tuple[str, ...] = ()
    requeue_after_s: float | None = None


def decide_replicas(state: PoolState, now: float) -> ScalingDecision:
    """Decide. ``now`` in Unix seconds."""
    least, current = state.scaling.min_replicas, state.replicas
    if state.queued is None:
        held = least if current is None else current
        return ScalingDecision(held, f"held at {held}: Redis cannot be reached")
    want = wanted(state)
    reason = f"{want} for {state.queued} queued and {state.running} running"
    if current is None or want >= current:
        return ScalingDecision(want, reason)
    return _shrunk(state, current, want, reason, now)


def wanted(state: PoolState) -> int:
    """How many workers the work asks for, within the pool's bounds."""
    rule = state.scaling
    jobs = (state.queued or 0) + state.running
    return min(rule.max_replicas, max(rule.min_replicas, math.ceil(jobs / rule.jobs_per_replica)))


def _shrunk(state: PoolState, current: int, want: int, reason: str, now: float) -> ScalingDecision:
    staying = [worker for worker in state.workers if not worker.leaving]
    if unknown := [worker.pod for worker in staying if worker.started and worker.heartbeat is None]:
        return ScalingDecision(current, f"held at {current}: {unknown[0]} has not been heard of, it may be busy")
    waits = [(_idle_left_s(worker, state.scaling.idle_seconds, now), worker.pod) for worker in staying]
    free = sorted(pod for wait, pod in waits if wait is not None and wait <= 0)
    # Pods that the Deployment has not made yet, or counts no more, are nobody's work.
    spare = len(free) + max(0, current - len(staying))
    target = max(want, current - spare)
    if target == current:
        soonest = min((wait for wait, _ in waits if wait is not None), default=None)
        return ScalingDecision(current, f"held at {current}: {_why_held(soonest)}", requeue_after_s=soonest)
    return ScalingDecision(target, reason, victims=_victims(staying, free, current - target))


def _idle_left_s(worker: WorkerView, idle_s: float, now: float) -> float | None:
    """Seconds until a worker may go: 0 for one that does not run, ``None`` for a busy one."""
    if not worker.started and not worker.busy:
        return 0.0
    beat = worker.heartbeat
    if beat is None or beat.running or beat.idle_since is None:
        return None
    return beat.idle_since + idle_s - now


def _why_held(soonest_s: float | None) -> str:
    return "all workers are busy" if soonest_s is None else f"a worker is idle enough in {max(0.0, soonest_s):.0f} s"


def _victims(staying: Sequence[WorkerView], free: Sequence[str], count: int) -> tuple[str, ...]:
    """Those that do not run first: the ReplicaSet takes them first whatever we say."""
    unstarted = {worker.pod for worker in staying if not worker.started}
    return tuple(sorted(free, key=lambda pod: (pod not in unstarted, pod))[:count])
