"""kopf's part: to watch. Its events fill the store and the work queue, and nothing else happens in them.

Only ``on.event`` handlers are used, which keep no annotations, finalizers, timers or tasks an object, and
what is not remembered need not be restored after a crash.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

import kopf

from videojobs_operator.clients.kubernetes import Object
from videojobs_operator.informer.store import Kind, Store
from videojobs_operator.resources.labels import WORKER_POOL

#: Called with every object that has changed, appeared or gone.
Changed = Callable[[Kind, Object], None]

_WATCHED: Final[tuple[tuple[Kind, str, str, str], ...]] = (
    ("VideoJob", "videojobs.dev", "v1alpha1", "videojobs"),
    ("VideoBatch", "videojobs.dev", "v1alpha1", "videobatches"),
    ("WorkerPool", "videojobs.dev", "v1alpha1", "workerpools"),
    ("Deployment", "apps", "v1", "deployments"),
    ("Pod", "", "v1", "pods"),
)
#: Of these kinds the cluster has many that are none of ours.
_SELECTED: Final[frozenset[Kind]] = frozenset({"Deployment", "Pod"})


async def watch(store: Store, changed: Changed, namespaces: Sequence[str]) -> None:
    """Watch until cancelled, or until a signal comes, which kopf takes over. ``namespaces`` empty means all."""
    await kopf.operator(
        registry=registry(store, changed),
        settings=settings(),
        clusterwide=not namespaces,
        namespaces=tuple(namespaces),
        standalone=True,
    )


def registry(store: Store, changed: Changed) -> kopf.OperatorRegistry:
    """The handlers of all watched kinds."""
    handlers = kopf.OperatorRegistry()
    kopf.on.login(registry=handlers)(_login)
    for kind, group, version, plural in _WATCHED:
        labels = {WORKER_POOL: kopf.PRESENT} if kind in _SELECTED else None
        watch = kopf.on.event(group, version, plural, labels=labels, registry=handlers)
        watch(_keeping(kind, store, changed))
    return handlers


def settings() -> kopf.OperatorSettings:
    """kopf, reduced to what is used of it."""
    chosen = kopf.OperatorSettings()
    chosen.posting.enabled = False
    chosen.peering.standalone = True
    # Without it kopf watches namespaces and CRDs, for which a namespaced install has no right.
    chosen.scanning.disabled = True
    chosen.networking.connect_timeout = 10
    chosen.networking.request_timeout = 60
    for _, group, version, plural in (each for each in _WATCHED if each[0] in _SELECTED):
        chosen.watching.label_selectors[group, version, plural] = WORKER_POOL
    # Streams that are silent for good are found by their missing bookmarks (one a minute).
    chosen.watching.inactivity_timeout = 70
    # A queue and a task an object live for so long after its last event.
    chosen.queueing.idle_timeout = 0.5
    return chosen


def without_managed_fields(found: Object) -> Object:
    """The object without its longest part, which nobody here reads."""
    metadata = {name: value for name, value in found["metadata"].items() if name != "managedFields"}
    return {**found, "metadata": metadata}


def _keeping(kind: Kind, store: Store, changed: Changed) -> Callable[..., Any]:
    async def keep(event: kopf.RawEvent, **_: Any) -> None:
        found: Object = without_managed_fields(dict(event["object"]))
        if event["type"] == "DELETED":
            store.remove(kind, found)
            changed(kind, found)
        elif store.put(kind, found):
            changed(kind, found)

    keep.__name__ = f"keep_{kind.lower()}"
    return keep


async def _login(settings: kopf.OperatorSettings, **_: Any) -> kopf.ConnectionInfo | None:
    if os.environ.get("KUBECONFIG"):
        return kopf.login_with_kubeconfig(settings=settings)
    return kopf.login_with_service_account(settings=settings)
