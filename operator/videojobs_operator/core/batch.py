"""What to do about a VideoBatch: the one decision, from its list and the VideoJobs that there are.

Level-triggered, as that of a VideoJob. A VideoJob's name follows from batch and item, so that making it twice makes
it once; what has ended stands in the status and is never begun again, also when its VideoJob is gone.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from videojobs_operator.api.videobatch import MAX_OUTPUT_LENGTH, VideoBatchSpec
from videojobs_operator.core.batch_items import job_specs
from videojobs_operator.core.conditions import find, with_condition
from videojobs_operator.core.effects import Emit
from videojobs_operator.core.timestamps import from_text, to_text
from videojobs_operator.core.validation import SpecError, spec_error

#: Phases of an item that are its last.
_ENDED: Final = frozenset({"Succeeded", "Failed", "Cancelled"})
_MESSAGE: Final = 256
#: Once it has ended: nobody tells of one's own writes.
SOON_S: Final = 0.5


@dataclass(frozen=True)
class Batch:
    """A VideoBatch as last seen. ``specs`` is each item's VideoJob; empty where ``problem`` says why not."""

    name: str
    generation: int
    deleting: bool
    spec: VideoBatchSpec | None
    specs: Mapping[str, Mapping[str, Any]]
    problem: SpecError | None
    status: Mapping[str, Any]

    @property
    def finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.status.get("phase") in ("Succeeded", "Failed")


@dataclass(frozen=True)
class Child:
    """The VideoJob that has an item's name. ``ours`` is false where somebody else made it."""

    name: str
    ours: bool = True
    suspended: bool = False
    deleting: bool = False
    status: Mapping[str, Any] = field(default_factory=dict)

    @property
    def phase(self) -> str:
        """Pending where nobody has written one."""
        return str(self.status.get("phase") or "Pending")


@dataclass(frozen=True)
class BatchDecision:
    """What to do: VideoJobs by their items' names, and the status that is true by then."""

    status: dict[str, Any]
    create: tuple[str, ...] = ()
    suspend: tuple[tuple[str, bool], ...] = ()
    delete: tuple[str, ...] = ()
    emits: tuple[Emit, ...] = ()
    expired: bool = False
    requeue_after_s: float | None = None


def parse_batch(resource: Mapping[str, Any]) -> Batch:
    """Read a VideoBatch; what cannot be meant is no error here but stands in ``problem``."""
    metadata = resource["metadata"]
    spec: VideoBatchSpec | None = None
    specs: Mapping[str, Mapping[str, Any]] = {}
    problem: SpecError | None = None
    try:
        spec = VideoBatchSpec.model_validate(resource.get("spec") or {})
        specs = job_specs(spec)
    except ValidationError as error:
        problem = spec_error(error)
    except SpecError as error:
        problem = error
    deleting = "deletionTimestamp" in metadata
    status = resource.get("status") or {}
    return Batch(metadata["name"], metadata.get("generation", 1), deleting, spec, specs, problem, status)


def decide_batch(
    batch: Batch, children: Mapping[str, Child], now: datetime, refused: Mapping[str, str] | None = None
) -> BatchDecision:
    """Decide about a VideoBatch.

    Args:
        batch: as last seen.
        children: by the items' names, those that there are.
        now: aware of its time zone.
        refused: items whose VideoJob the API server did not take, and its words.
    """
    if batch.deleting:
        return BatchDecision(dict(batch.status))  # the garbage collector takes the VideoJobs
    if batch.finished:
        return _finished(batch, children, now)
    if batch.spec is None or batch.problem:
        return _invalid(batch, now)
    return _Open(batch, batch.spec, children, now, refused or {}).decide()


def _finished(batch: Batch, children: Mapping[str, Child], now: datetime) -> BatchDecision:
    """What still runs is stopped; the resource goes when its time to live is over."""
    status = {**batch.status, "observedGeneration": batch.generation}
    running = tuple(name for name, child in children.items() if child.ours and _is_open(child) and not child.deleting)
    if batch.spec is None:
        return BatchDecision(status, delete=running)
    ended = from_text(status.get("completionTime")) or now
    left_s = (ended - now).total_seconds() + batch.spec.ttl_seconds_after_finished
    return BatchDecision(status, delete=running, expired=left_s <= 0, requeue_after_s=max(0.05, left_s))


def _is_open(child: Child) -> bool:
    return child.phase not in _ENDED


def _invalid(batch: Batch, now: datetime) -> BatchDecision:
    draft = _Draft(batch, now)
    draft.end("Failed", "InvalidSpec", str(batch.problem))
    emit = Emit("Warning", "Failed", f"InvalidSpec: {batch.problem}")
    return BatchDecision(draft.status, emits=(emit,), requeue_after_s=SOON_S)


class _Draft:
    """Starts as the status that is there."""

    def __init__(self, batch: Batch, now: datetime) -> None:
        self.now = now
        self.status: dict[str, Any] = copy.deepcopy(dict(batch.status)) | {"observedGeneration": batch.generation}

    def condition(self, kind: str, holds: bool, reason: str, message: str) -> None:
        conditions = self.status.get("conditions", [])
        self.status["conditions"] = with_condition(conditions, kind, holds, reason, message, self.now)

    def suspended(self, holds: bool) -> None:
        if holds:
            self.condition("Suspended", True, "BatchSuspended", "spec.suspend is true")
        elif find(self.status.get("conditions", []), "Suspended"):
            self.condition("Suspended", False, "BatchResumed", "spec.suspend is false")

    def end(self, phase: str, reason: str, message: str) -> None:
        self.status |= {"phase": phase, "completionTime": to_text(self.now)}
        self.suspended(False)
        for kind in ("Complete",) if phase == "Succeeded" else ("Failed", "Stalled"):
            self.condition(kind, True, reason, message)
        self.condition("Reconciling", False, reason, "nothing is left to do")


class _Open:
    """A VideoBatch that has not ended."""

    def __init__(
        self,
        batch: Batch,
        spec: VideoBatchSpec,
        children: Mapping[str, Child],
        now: datetime,
        refused: Mapping[str, str],
    ) -> None:
        self.spec, self.children, self.refused = spec, children, refused
        self.draft = _Draft(batch, now)
        before = {each["name"]: each for each in batch.status.get("results") or []}
        self.results = [self._result(name, before.get(name, {})) for name in batch.specs]

    def decide(self) -> BatchDecision:
        """Ended, suspended, or with VideoJobs to make."""
        failed = self._count("Failed")
        if failed and self.spec.failure_policy == "FailFast":
            return self._broken_off()
        self._tell()
        if all(each["phase"] in _ENDED for each in self.results):
            return self._ended(failed)
        self.draft.suspended(self.spec.suspend)
        return BatchDecision(self.draft.status, create=self._next(), suspend=self._to_suspend())

    def _result(self, name: str, before: Mapping[str, Any]) -> dict[str, Any]:
        child = self.children.get(name)
        if before.get("phase") in _ENDED:
            return dict(before)
        if name in self.refused:
            return _failed(name, "Refused", self.refused[name])
        if child is None:
            return {"name": name, "phase": "Pending"}
        if not child.ours:
            return _failed(name, "NameTaken", f"VideoJob {child.name} is there and not of this batch")
        return _result_of(name, child)

    def _next(self) -> tuple[str, ...]:
        if self.spec.suspend:
            return ()
        there = sum(each["name"] in self.children and each["phase"] not in _ENDED for each in self.results)
        waiting = [each["name"] for each in self.results if each["phase"] == "Pending"]
        missing = [name for name in waiting if name not in self.children]
        return tuple(missing[: max(0, self.spec.parallelism - there)])

    def _to_suspend(self) -> tuple[tuple[str, bool], ...]:
        wanted = self.spec.suspend
        return tuple(
            (name, wanted)
            for name, child in self.children.items()
            if child.ours and _is_open(child) and not child.deleting and child.suspended != wanted
        )

    def _broken_off(self) -> BatchDecision:
        first = next(each for each in self.results if each["phase"] == "Failed")
        for each in self.results:
            if each["phase"] not in _ENDED:
                each["phase"] = "Cancelled"
        self._tell()
        text = f"{first['name']} failed, so that the others were stopped: {first.get('message', '')}"
        self.draft.end("Failed", "FailFast", text)
        running = tuple(name for name, child in self.children.items() if child.ours and _is_open(child))
        return BatchDecision(
            self.draft.status, delete=running, emits=(Emit("Warning", "Failed", text),), requeue_after_s=SOON_S
        )

    def _ended(self, failed: int) -> BatchDecision:
        total = len(self.results)
        if not failed:
            text = f"all {total} items are made"
            self.draft.end("Succeeded", "Succeeded", text)
            return BatchDecision(self.draft.status, emits=(Emit("Normal", "Succeeded", text),), requeue_after_s=SOON_S)
        names = ", ".join(each["name"] for each in self.results if each["phase"] == "Failed")
        text = f"{failed} of {total} items failed: {names}"
        self.draft.end("Failed", "ItemsFailed", text)
        return BatchDecision(self.draft.status, emits=(Emit("Warning", "Failed", text[:1000]),), requeue_after_s=SOON_S)

    def _tell(self) -> None:
        """How things stand, but for the end."""
        succeeded, total = self._count("Succeeded"), len(self.results)
        status = self.draft.status
        status |= {
            "phase": self._phase(),
            "completions": f"{succeeded}/{total}",
            "progress": sum(self._percent(each) for each in self.results) // total,
            "active": sum(each["phase"] in ("Queued", "Running") or self._is_new(each) for each in self.results),
            "succeeded": succeeded,
            "failed": self._count("Failed"),
            "results": self.results,
        }
        if self.children:
            status.setdefault("startTime", to_text(self.draft.now))
        reason = "Suspended" if self.spec.suspend else "Running"
        self.draft.condition("Reconciling", not self.spec.suspend, reason, f"{succeeded} of {total} items are made")

    def _phase(self) -> str:
        if self.spec.suspend:
            return "Suspended"
        return "Running" if self.children or self._count("Succeeded") or self._count("Failed") else "Pending"

    def _percent(self, result: Mapping[str, Any]) -> int:
        if result["phase"] in _ENDED:
            return 100
        child = self.children.get(result["name"])
        return int((child.status.get("progress") or {}).get("percent") or 0) if child else 0

    def _is_new(self, result: Mapping[str, Any]) -> bool:
        return result["phase"] == "Pending" and result["name"] in self.children

    def _count(self, phase: str) -> int:
        return sum(each["phase"] == phase for each in self.results)


def _failed(name: str, reason: str, message: str) -> dict[str, Any]:
    return {"name": name, "phase": "Failed", "reason": reason, "message": message[:_MESSAGE]}


def _result_of(name: str, child: Child) -> dict[str, Any]:
    result: dict[str, Any] = {"name": name, "phase": child.phase}
    made = (child.status.get("outputs") or [{}])[0].get("uri", "")
    if child.phase == "Succeeded" and made and len(made) <= MAX_OUTPUT_LENGTH:
        result["output"] = made
    if child.phase == "Failed":
        failure = child.status.get("failure") or {}
        result |= {"reason": failure.get("reason", "Failed"), "message": failure.get("message", "")[:_MESSAGE]}
    return result
