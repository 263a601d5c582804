"""A VideoBatch's reconcile: observe its VideoJobs, make those that are due, write what became of all.

All judgement is in :mod:`videojobs_operator.core.batch`. The status is decided anew after VideoJobs were made: it tells
what is, not what was meant.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import NotFound, Object, Refused
from videojobs_operator.controller.dependencies import Dependencies
from videojobs_operator.core.batch import Batch, BatchDecision, Child, decide_batch, parse_batch
from videojobs_operator.informer.store import Key
from videojobs_operator.resources.videojob import batch_of, build_videojob, job_name
from videojobs_operator.telemetry import logs

log = logs.logger(__name__)


class BatchReconciler:
    """Reconciles VideoBatches. It remembers nothing."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def reconcile(self, key: Key) -> float | None:
        """Bring a VideoBatch on; returns after how many seconds to look again."""
        found = self._deps.store.get(key)
        if found is None:
            return None
        batch = parse_batch(found)
        children = self._children(found, batch)
        decision = decide_batch(batch, children, datetime.now(UTC))
        if decision.create:
            refused = await self._create(found, batch, decision.create, children)
            decision = decide_batch(batch, children, datetime.now(UTC), refused)
        after_s = await self._write(found, decision)
        await self._perform(key, found, decision)
        return min((each for each in (after_s, decision.requeue_after_s) if each is not None), default=None)

    def _children(self, found: Object, batch: Batch) -> dict[str, Child]:
        children: dict[str, Child] = {}
        for item in batch.specs:
            name = job_name(batch.name, item)
            if job := self._deps.store.get(Key("VideoJob", found["metadata"]["namespace"], name)):
                children[item] = _child(job, found["metadata"]["uid"])
        return children

    async def _create(
        self, found: Object, batch: Batch, items: tuple[str, ...], children: dict[str, Child]
    ) -> dict[str, str]:
        """Make VideoJobs and add them to ``children``; returns the items that the API server refused, and its words.

        They come into the store by the watch: that wakes their own reconcile.
        """
        refused: dict[str, str] = {}
        for item in items:
            body = build_videojob(found, item, batch.specs[item])
            try:
                made = await self._deps.api.create(kubernetes.VIDEOJOBS, body["metadata"]["namespace"], body)
            except Refused as error:
                refused[item] = str(error)
                continue
            children[item] = _child(made, found["metadata"]["uid"])
            log.info("Made a VideoJob", namespace=body["metadata"]["namespace"], name=body["metadata"]["name"])
        return refused

    async def _write(self, found: Object, decision: BatchDecision) -> float | None:
        writer, old = self._deps.writer, found.get("status") or {}
        if {**decision.status, "progress": None} == {**old, "progress": None}:
            return await writer.write_progress("VideoBatch", kubernetes.VIDEOBATCHES, found, decision.status)
        await writer.write_state("VideoBatch", kubernetes.VIDEOBATCHES, found, decision.status)
        return None

    async def _perform(self, key: Key, found: Object, decision: BatchDecision) -> None:
        for emit in decision.emits:
            self._deps.events.record(found, emit)
        for item, wanted in decision.suspend:
            await self._suspend(key, job_name(key.name, item), wanted=wanted)
        for item in decision.delete:
            await self._delete(Key("VideoJob", key.namespace, job_name(key.name, item)), kubernetes.VIDEOJOBS)
        if decision.expired:
            await self._delete(key, kubernetes.VIDEOBATCHES)

    async def _suspend(self, key: Key, name: str, *, wanted: bool) -> None:
        # The answer is not kept: the watch brings the same, and that wakes the VideoJob.
        with contextlib.suppress(NotFound):
            await self._deps.api.patch(kubernetes.VIDEOJOBS, key.namespace, name, {"spec": {"suspend": wanted}})

    async def _delete(self, key: Key, resource: kubernetes.Resource) -> None:
        if found := self._deps.store.get(key):
            await self._deps.api.delete(resource, key.namespace, key.name, found["metadata"]["uid"])


def _child(job: Object, batch_uid: str) -> Child:
    metadata: dict[str, Any] = job["metadata"]
    owner = batch_of(job)
    return Child(
        name=metadata["name"],
        ours=owner is not None and owner[1] == batch_uid,
        suspended=bool((job.get("spec") or {}).get("suspend")),
        deleting="deletionTimestamp" in metadata,
        status=job.get("status") or {},
    )
