"""Lanes: what is due goes in one of them, and no lane waits for another.

Each has reconciles of its own, and when the API server's budget of writes is used up, the more urgent lane gets the
next write.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from videojobs_operator.clients.kubernetes import Object
from videojobs_operator.informer.store import Key, Store, phase_of


class Lane(IntEnum):
    """The most urgent is the least."""

    POOLS = 0  # they bring the workers
    ENDINGS = 1  # a job that ends or must stop makes room for others
    INTERACTIVE = 2  # somebody waits for these
    PROGRESS = 3  # jobs that run, jobs that have ended, batches
    WAITING = 4  # the rest: thousands of them may be new at once


#: Reconciles at the same time.
CONCURRENCY: Final[dict[Lane, int]] = {
    Lane.POOLS: 2,
    Lane.ENDINGS: 6,
    Lane.INTERACTIVE: 4,
    Lane.PROGRESS: 4,
    Lane.WAITING: 12,
}
#: A VideoJob of this priority and above is interactive, and so is any preview.
INTERACTIVE_PRIORITY: Final = 8


def lane_of(store: Store, key: Key) -> Lane:
    """The lane of an object as it was last seen; of one that is gone, the one in which little is to do."""
    if key.kind == "WorkerPool":
        return Lane.POOLS
    if key.kind == "VideoBatch":
        return Lane.PROGRESS
    found = store.get(key)
    return Lane.PROGRESS if found is None else _lane_of_job(found)


def _lane_of_job(job: Object) -> Lane:
    phase, spec = phase_of(job), job.get("spec") or {}
    unwanted = "deletionTimestamp" in job["metadata"] or bool(spec.get("suspend"))
    if unwanted and phase in ("Queued", "Running"):
        return Lane.ENDINGS
    if phase in ("Running", "Succeeded", "Failed"):
        return Lane.PROGRESS
    return Lane.INTERACTIVE if _is_interactive(spec) else Lane.WAITING


def _is_interactive(spec: Mapping[str, Any]) -> bool:
    priority = spec.get("priority")
    return "preview" in spec or (isinstance(priority, int) and priority >= INTERACTIVE_PRIORITY)
