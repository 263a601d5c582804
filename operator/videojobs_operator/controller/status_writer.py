"""The one writer of status. It writes what has changed and nothing else.

A change of state is written at once, under the version it was decided on: the reconcile has waited for a token before
it began. Progress is written when the last word on the same job is a second old and there are tokens to spare; until
then the caller is told to come again, with what is true by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from videojobs_operator.clients.kubernetes import Kubernetes, Object, Resource
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.controller.merge_patch import merge_patch
from videojobs_operator.informer.store import Kind, Store
from videojobs_operator.informer.watches import without_managed_fields

PROGRESS_INTERVAL_S: Final = 1.0
#: When there are no tokens to spare for progress.
BUSY_S: Final = 1.0


class StatusWriter:
    """Writes to the API server and, with its answer, to the store."""

    def __init__(self, api: Kubernetes, store: Store, bucket: TokenBucket, clock: Callable[[], float]) -> None:
        self._api = api
        self._store = store
        self._bucket = bucket
        self._clock = clock
        self._written_at: dict[str, float] = {}  # by uid, of jobs with progress

    async def write_state(self, kind: Kind, resource: Resource, found: Object, status: Mapping[str, Any]) -> Object:
        """Bring the status to ``status`` if the object is still as found; returns it as it is now.

        Raises:
            ApiError: it could not be written; a Conflict, when it has changed since.
        """
        patch = merge_patch(found.get("status") or {}, status)
        if not patch:
            return found
        self._bucket.spend()
        return await self._write(kind, resource, found, patch)

    async def write_progress(
        self,
        kind: Kind,
        resource: Resource,
        found: Object,
        status: Mapping[str, Any],
        interval_s: float = PROGRESS_INTERVAL_S,
    ) -> float | None:
        """Write, if the last write is ``interval_s`` old; else return in how many seconds to come again.
        None says that all is written.

        Raises:
            ApiError: it could not be written; a Conflict, when it has changed since.
        """
        patch = merge_patch(found.get("status") or {}, status)
        if not patch:
            return None
        age_s = self._clock() - self._written_at.get(found["metadata"]["uid"], float("-inf"))
        if age_s < interval_s:
            return interval_s - age_s
        if not self._bucket.try_take():
            return BUSY_S
        # Under the version as well, if only because another object may have the name by now.
        await self._write(kind, resource, found, patch)
        return None

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self._written_at.pop(uid, None)

    async def _write(self, kind: Kind, resource: Resource, found: Object, patch: Mapping[str, Any]) -> Object:
        metadata = found["metadata"]
        version = str(metadata["resourceVersion"])
        answer = await self._api.patch_status(resource, metadata["namespace"], metadata["name"], patch, version)
        written = without_managed_fields(answer)
        self._written_at[metadata["uid"]] = self._clock()
        self._store.refresh(kind, written)
        return written
