"""Leader election: of several operators one acts, the others watch and are ready to take over."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import ApiError, Conflict, Kubernetes, NotFound
from videojobs_operator.core.leadership import (
    RENEW_DEADLINE_S,
    RETRY_S,
    LeaseRecord,
    Observed,
    may_take,
    record_of,
)
from videojobs_operator.resources.lease import build_lease, lease_patch
from videojobs_operator.telemetry import logs

log = logs.logger(__name__)


class LeadershipLost(Exception):  # noqa: N818 - a state, reads better so
    """Another operator acts now, or may soon: this one must end at once."""


class LeaderElector:
    """Holds a Lease for one operator.

    Args:
        api: where the Lease is.
        namespace: of the Lease.
        name: of the Lease.
        identity: unique to this process.
        clock: seconds, monotonic.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        api: Kubernetes,
        namespace: str,
        name: str,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api, self._namespace, self._name, self._identity = api, namespace, name, identity
        self._clock, self._pause = clock, pause
        self._observed = Observed()
        self._held = False

    async def acquire(self) -> None:
        """Wait until this operator holds the Lease."""
        log.info("Waiting for the Lease", lease=self._name, identity=self._identity)
        while not await self._tried():
            await self._pause(RETRY_S)
        self._held = True
        log.info("Holds the Lease", lease=self._name, identity=self._identity)

    async def hold(self) -> None:
        """Renew until cancelled.

        Raises:
            LeadershipLost: another holds the Lease, or it could not be renewed in time.
        """
        renewed = self._clock()
        while True:
            await self._pause(RETRY_S)
            began = self._clock()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.1, RENEW_DEADLINE_S - (began - renewed))):
                    renewed = began if await self._tried() else renewed
            if self._clock() - renewed >= RENEW_DEADLINE_S:
                raise self._lost(f"the Lease was not renewed for {RENEW_DEADLINE_S:.0f} s")

    async def release(self) -> None:
        """Give the Lease back, so that another need not wait for its end."""
        if not self._held:
            return
        self._held = False
        with contextlib.suppress(ApiError):
            record = await self._read()
            if record.holder == self._identity:
                await self._write("", record)

    async def _tried(self) -> bool:
        """Whether this operator holds the Lease, which it takes or renews where it may."""
        try:
            record = await self._read()
            if not may_take(record, self._identity, self._observed.unchanged_s(record, self._clock())):
                self._require_unheld(record)
                return False
            await self._write(self._identity, record)
        except Conflict:
            return False  # somebody was faster
        except ApiError as error:
            log.warning("Could not read or write the Lease", lease=self._name, error=str(error))
            return False
        return True

    def _require_unheld(self, record: LeaseRecord) -> None:
        if self._held:
            raise self._lost(f"{record.holder} holds the Lease")

    def _lost(self, why: str) -> LeadershipLost:
        self._held = False
        log.error("Lost the Lease and stops", lease=self._name, reason=why)
        return LeadershipLost(why)

    async def _read(self) -> LeaseRecord:
        try:
            lease = await self._api.get(kubernetes.LEASES, self._namespace, self._name)
        except NotFound:
            body = build_lease(self._namespace, self._name)
            lease = await self._api.create(kubernetes.LEASES, self._namespace, body)
        return record_of(lease)

    async def _write(self, identity: str, record: LeaseRecord) -> None:
        changed = identity != record.holder
        patch = lease_patch(
            identity,
            datetime.now(UTC),
            record.version,
            transitions=record.transitions + (changed and bool(identity)),
            acquired=changed,
        )
        await self._api.patch(kubernetes.LEASES, self._namespace, self._name, patch)
