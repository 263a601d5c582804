"""Keeping a claim while the work runs, and stopping the work when it is lost, cancelled or overdue.

A Redis that does not answer stops nothing: the work goes on, and its commit waits until Redis says whose the job is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

import redis
import structlog

from videojobs_protocol.claims import RENEW_INTERVAL_S, Claim, Claims
from videojobs_protocol.progress import CANCELLED
from videojobs_worker.errors import ClaimLostError, StoppedError
from videojobs_worker.process.background import Background
from videojobs_worker.process.stopper import Stopper

#: Between questions to a Redis that is away, before a commit.
CONFIRM_INTERVAL_S = 0.5

log = structlog.get_logger()


def cancelled_error() -> StoppedError:
    """The work is not wanted any more."""
    return StoppedError(CANCELLED, "cancelled on request")


class Lease(Background):
    """Renews a claim in a thread of its own while the ``with`` block runs; releases it at the end.

    Args:
        claims: where it is kept.
        claim: what is kept.
        stopper: stops the work.
        timeout_s: for how long the work may take from now; None for ever.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        claims: Claims,
        claim: Claim,
        stopper: Stopper,
        timeout_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("lease")
        self._claims, self._claim, self._stopper, self._clock = claims, claim, stopper, clock
        self._deadline = None if timeout_s is None else clock() + timeout_s

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        try:
            self._claims.release(self._claim)
        except redis.RedisError as problem:
            log.warning("Left a claim to expire", job=self._claim.job_uid, error=str(problem))

    def confirm(self) -> None:
        """Ask once more whether the job is ours, right before the commit, until Redis answers or the time is over.

        Raises:
            StoppedError: it is not, or nobody could say so in time.
        """
        while not self._renew_once():
            self._stopper.check()
            self._ended.wait(CONFIRM_INTERVAL_S)
        self._stopper.check()

    def lost(self) -> bool:
        """Ask whether another has the job by now: how ours failed is no word on theirs."""
        try:
            return self._claims.renew(self._claim) == "lost"
        except redis.RedisError:
            return False

    def _work(self) -> None:
        while not self._ended.wait(RENEW_INTERVAL_S):
            self._renew_once()

    def _renew_once(self) -> bool:
        """Whether Redis answered."""
        if self._deadline is not None and self._clock() > self._deadline:
            text = "it ran past its deadline and was stopped: give it more time, or a faster pool"
            self._stopper.stop(StoppedError("DeadlineExceeded", text))
        try:
            self._act(self._claims.renew(self._claim))
        except redis.RedisError as error:
            log.warning("Could not renew a claim", job=self._claim.job_uid, error=str(error))
            return False
        return True

    def _act(self, verdict: str) -> None:
        if verdict == "cancelled":
            self._stopper.stop(cancelled_error())
        elif verdict == "lost":
            self._stopper.stop(ClaimLostError())
