"""A full look at the API server: at the start, and now and then to catch what a watch has lost.

A watch that was away for too long starts anew and never tells which objects were deleted meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import ApiError, Kubernetes, Object
from videojobs_operator.informer.store import Kind, Store, key_of
from videojobs_operator.informer.watches import Changed, without_managed_fields
from videojobs_operator.resources.labels import WORKER_POOL
from videojobs_operator.telemetry import logs

RELIST_S: Final = 300.0
CRD_POLL_S: Final = 1.0

_LISTED: Final[tuple[tuple[Kind, kubernetes.Resource, str], ...]] = (
    ("WorkerPool", kubernetes.WORKERPOOLS, ""),
    ("Deployment", kubernetes.DEPLOYMENTS, WORKER_POOL),
    ("Pod", kubernetes.PODS, WORKER_POOL),
    ("VideoJob", kubernetes.VIDEOJOBS, ""),
    ("VideoBatch", kubernetes.VIDEOBATCHES, ""),  # last: it makes the VideoJobs that it misses
)

log = logs.logger(__name__)


class Relist:
    """Lists everything. ``namespaces`` empty means all of them."""

    def __init__(self, api: Kubernetes, store: Store, changed: Changed, namespaces: Sequence[str]) -> None:
        self._api = api
        self._store = store
        self._changed = changed
        self._namespaces = namespaces or [""]
        self.listed = False

    async def wait_for_crds(self) -> None:
        """Wait until the API server knows the operator's kinds: the chart installs both at once."""
        group, version = kubernetes.VIDEOJOBS.group, kubernetes.VIDEOJOBS.version
        wanted = {each.plural for each in (kubernetes.VIDEOJOBS, kubernetes.VIDEOBATCHES, kubernetes.WORKERPOOLS)}
        while missing := wanted - await self._served(group, version):
            log.warning("CustomResourceDefinitions are not there yet", missing=sorted(missing), group=group)
            await asyncio.sleep(CRD_POLL_S)

    async def once(self) -> None:
        """Bring the store up to date.

        Raises:
            ApiError: the API server did not answer.
        """
        for kind, resource, selector in _LISTED:
            for namespace in self._namespaces:
                before = {key for key, _ in self._store.all(kind) if namespace in ("", key.namespace)}
                found = [
                    without_managed_fields(each) for each in await self._api.list_all(resource, namespace, selector)
                ]
                self._keep(kind, found)
                for key in before - {key_of(kind, each) for each in found}:
                    await self._drop(kind, resource, key.namespace, key.name)
        self.listed = True

    async def forever(self) -> None:
        """Look again every few minutes."""
        while True:
            await asyncio.sleep(RELIST_S)
            try:
                await self.once()
            except ApiError as error:
                log.warning("Could not list", error=str(error))

    def _keep(self, kind: Kind, found: list[Object]) -> None:
        for each in found:
            if self._store.put(kind, each):
                self._changed(kind, each)

    async def _drop(self, kind: Kind, resource: kubernetes.Resource, namespace: str, name: str) -> None:
        # It was known before the list began and is not in the list: deleted, or deleted and made anew.
        known = self._store.get(key_of(kind, {"metadata": {"namespace": namespace, "name": name}}))
        try:
            await self._api.get(resource, namespace, name)
        except kubernetes.NotFound:
            if known is not None:
                self._store.remove(kind, known)
                self._changed(kind, known)

    async def _served(self, group: str, version: str) -> set[str]:
        try:
            return await self._api.served_kinds(group, version)
        except ApiError as error:
            log.warning("The API server does not answer", error=str(error))
            return set()
