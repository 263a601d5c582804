"""Keeping a claim while the work runs, and stopping the work when it is lost, cancelled or overdue."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import redis
import structlog

from videojobs_protocol.claims import LEASE_S, RENEW_INTERVAL_S, Claim, Claims
from videojobs_protocol.progress import CANCELLED
from videojobs_worker.errors import ClaimLostError, StoppedError
from videojobs_worker.process.runner import Stopper

log = structlog.get_logger()


def cancelled_error() -> StoppedError:
    """The work is not wanted any more."""
    return StoppedError(CANCELLED, "cancelled on request")


class Lease:
    """Renews a claim in a thread of its own while the ``with`` block runs; releases it at the end."""

    def __init__(self, claims: Claims, claim: Claim, stopper: Stopper, deadline: float | None) -> None:
        self._claims, self._claim, self._stopper, self._deadline = claims, claim, stopper, deadline
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        try:
            self._claims.release(self._claim)
        except redis.RedisError as problem:
            log.warning("Left a claim to expire", job=self._claim.job_uid, error=str(problem))

    def confirm(self) -> None:
        """Ask once more whether the job is ours, right before the commit.

        Raises:
            StoppedError: it is not.
        """
        self._act(self._claims.renew(self._claim))
        self._stopper.check()

    def _renew(self) -> None:
        renewed = time.monotonic()
        while not self._ended.wait(RENEW_INTERVAL_S):
            if self._deadline is not None and time.time() > self._deadline:
                self._stopper.stop(StoppedError("DeadlineExceeded", "it ran past its deadline"))
            try:
                self._act(self._claims.renew(self._claim))
                renewed = time.monotonic()
            except redis.RedisError as error:
                log.warning("Could not renew a claim", job=self._claim.job_uid, error=str(error))
                if time.monotonic() - renewed > LEASE_S:
                    self._stopper.stop(ClaimLostError())

    def _act(self, verdict: str) -> None:
        if verdict == "cancelled":
            self._stopper.stop(cancelled_error())
        elif verdict == "lost":
            self._stopper.stop(ClaimLostError())
