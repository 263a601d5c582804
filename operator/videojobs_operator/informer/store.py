"""The objects as last seen: by the watches, or in the answer to a write of our own.

Reconciles read here and not from the API server. It may be behind; compare-and-set makes that harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from videojobs_operator.clients.kubernetes import Object

Kind = Literal["VideoJob", "VideoBatch", "WorkerPool", "Pod", "Deployment"]


class Key(NamedTuple):
    """An object's name; another object can have it later."""

    kind: Kind
    namespace: str
    name: str


class Store:
    """All watched objects of all kinds."""

    def __init__(self) -> None:
        self._objects: dict[Kind, dict[Key, Object]] = {
            "VideoJob": {}, "VideoBatch": {}, "WorkerPool": {}, "Pod": {}, "Deployment": {}
        }  # fmt: skip
        self._keys: dict[str, Key] = {}  # of VideoJobs, by uid
        self._phases: Counter[str] = Counter()
        self._changes: Counter[Kind] = Counter()

    def get(self, key: Key) -> Object | None:
        """The object, None when it is gone."""
        return self._objects[key.kind].get(key)

    def all(self, kind: Kind) -> Iterator[tuple[Key, Object]]:
        """All of a kind; the store may change while one goes through them."""
        return iter(list(self._objects[kind].items()))

    def count(self, kind: Kind) -> int:
        """How many there are of a kind."""
        return len(self._objects[kind])

    def changes(self, *kinds: Kind) -> int:
        """A number that is another whenever something of these kinds has changed."""
        return sum(self._changes[kind] for kind in kinds)

    def job_of(self, task_id: str) -> Key | None:
        """The VideoJob that a task is of, None for a plain Celery task."""
        return self._keys.get(task_id.rpartition("-")[0])

    def phases(self) -> dict[str, int]:
        """VideoJobs by phase."""
        return {phase: count for phase, count in self._phases.items() if count}

    def put(self, kind: Kind, found: Object) -> bool:
        """Keep an object unless a newer one is kept already. Returns whether it was kept."""
        key = key_of(kind, found)
        old = self.get(key)
        if old is not None and _same(old, found) and _version(found) <= _version(old):
            return False
        if old is not None:
            self._drop_index(key, old)
        self._objects[kind][key] = found
        self._changes[kind] += 1
        if kind == "VideoJob":
            self._keys[found["metadata"]["uid"]] = key
            self._phases[phase_of(found)] += 1
        return True

    def refresh(self, kind: Kind, found: Object) -> None:
        """Keep the answer to a write, unless a watch has told meanwhile that the object is gone."""
        old = self.get(key_of(kind, found))
        if old is not None and _same(old, found):
            self.put(kind, found)

    def remove(self, kind: Kind, found: Object) -> None:
        """Drop an object; a younger one of the same name stays."""
        key = key_of(kind, found)
        old = self.get(key)
        if old is not None and _same(old, found):
            self._drop_index(key, old)
            del self._objects[kind][key]
            self._changes[kind] += 1

    def _drop_index(self, key: Key, old: Object) -> None:
        if key.kind == "VideoJob":
            self._keys.pop(old["metadata"]["uid"], None)
            self._phases[phase_of(old)] -= 1


def key_of(kind: Kind, found: Object) -> Key:
    """Key of an object."""
    return Key(kind, found["metadata"]["namespace"], found["metadata"]["name"])


def phase_of(job: Object) -> str:
    """A VideoJob's phase; Pending until the operator has written one."""
    return str((job.get("status") or {}).get("phase") or "Pending")


def _same(one: Object, other: Object) -> bool:
    return bool(one["metadata"].get("uid") == other["metadata"].get("uid"))


def _version(found: Object) -> int:
    # Resource versions are numbers that grow, by the API conventions since Kubernetes 1.35 and in fact
    # since ever. An API server that thinks otherwise gets every event believed.
    text = str(found["metadata"].get("resourceVersion", ""))
    return int(text) if text.isdecimal() else 2**63
