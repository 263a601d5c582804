"""Which queue a VideoJob goes to, and why it waits there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.job import PoolView
from videojobs_operator.core.work import work_of
from videojobs_protocol.queues import queue_name
from videojobs_protocol.work import kind_of


@dataclass(frozen=True)
class Waiting:
    """Why a queued job does not run yet: a CamelCase reason and a sentence."""

    reason: str
    message: str


def route(spec: VideoJobSpec, pools: Sequence[PoolView]) -> str:
    """The queue: the GPU twin where it is required, or preferred and some pool serves it."""
    kind = kind_of(work_of(spec))
    on_gpu = queue_name(kind, gpu=True)
    if spec.gpu == "Required":
        return on_gpu
    if spec.gpu == "Preferred" and any(on_gpu in pool.queues for pool in pools):
        return on_gpu
    return queue_name(kind)


def _way_out(queue: str) -> str:
    """Not every pool can do all work: one without Whisper, or a GPU, would take the job and fail it."""
    if queue.startswith("caption_queue"):
        return "it takes workers with Whisper, such as the chart's pools.caption (docs/how-to/captions.md)"
    if queue.endswith("_gpu"):
        return "it takes workers with a GPU, such as the chart's pools.gpu (docs/how-to/gpu-pool.md)"
    return "add the queue to the spec.queues of a pool"


def waiting(queue: str, pools: Sequence[PoolView]) -> Waiting:
    """Why a job waits in a queue, by what is known of the pools that serve it."""
    serving = [pool for pool in pools if queue in pool.queues]
    if not serving:
        return Waiting("NoWorkerPool", f"no WorkerPool serves {queue}: {_way_out(queue)}")
    stuck = [pool for pool in serving if pool.unschedulable]
    if len(stuck) == len(serving):
        pool = stuck[0]
        return Waiting("WaitingForCapacity", f"WorkerPool {pool.namespace}/{pool.name}: {pool.unschedulable}")
    return Waiting("WaitingForWorker", f"waiting in {queue} for a worker")
