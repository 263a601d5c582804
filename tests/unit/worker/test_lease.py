"""A claim is kept while the work runs; what ends the claim ends the work."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from videojobs_protocol.claims import Claim, Claims
from videojobs_worker import connections
from videojobs_worker.connections import prompt
from videojobs_worker.errors import ClaimLostError, JobError, StoppedError
from videojobs_worker.pipeline import lease as leases
from videojobs_worker.pipeline.lease import Lease
from videojobs_worker.process.stopper import Stopper

CLAIM = Claim("job", "job-1", 1, "worker/1")


class ScriptedClaims:
    """Answers in turn, the last one for ever; an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.released = 0

    def renew(self, _: Claim) -> str:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    def release(self, _: Claim) -> None:
        self.released += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_INTERVAL_S", 0.01)
    monkeypatch.setattr(leases, "CONFIRM_INTERVAL_S", 0.01)


def stopped(claims: Any, timeout_s: float | None = None) -> JobError:
    """Why the work was stopped while it ran."""
    stopper = Stopper()
    with Lease(claims, CLAIM, stopper, timeout_s):
        return error_of(stopper.check)


def error_of(check: Callable[[], None], within_s: float = 10.0) -> JobError:
    limit = time.monotonic() + within_s
    while time.monotonic() < limit:
        try:
            check()
        except JobError as error:
            return error
        time.sleep(0.005)
    raise AssertionError("nothing was stopped")


def test_a_cancel_stops_the_work() -> None:
    claims = ScriptedClaims("held", "held", "cancelled")
    assert stopped(claims).reason == "Cancelled"
    assert claims.released == 1


def test_a_lost_claim_stops_the_work() -> None:
    assert isinstance(stopped(ScriptedClaims("held", "lost")), ClaimLostError)


def test_the_deadline_stops_the_work() -> None:
    error = stopped(ScriptedClaims("held"), timeout_s=0.05)
    assert (error.reason, error.retryable) == ("DeadlineExceeded", False)


def test_the_machines_clock_set_ten_minutes_ahead_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stopper = Stopper()
    with Lease(ScriptedClaims("held"), CLAIM, stopper, timeout_s=60) as lease:  # type: ignore[arg-type]
        monkeypatch.setattr(time, "time", lambda: 2e9)
        lease.confirm()
    stopper.check()


def test_a_redis_that_stays_away_stops_no_work_until_its_deadline() -> None:
    now = [0.0]
    stopper = Stopper()
    with Lease(ScriptedClaims(redis.ConnectionError()), CLAIM, stopper, 3600.0, lambda: now[0]):  # type: ignore[arg-type]
        now[0] = 3599.0
        with pytest.raises(AssertionError, match="nothing was stopped"):
            error_of(stopper.check, within_s=0.2)
        now[0] = 3601.0
        assert error_of(stopper.check).reason == "DeadlineExceeded"


@pytest.fixture
def silent_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """It takes connections and never answers, as behind a network that is cut."""
    monkeypatch.setattr(connections, "PROMPT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_redis_that_never_answers_holds_nothing_up(silent_redis: str) -> None:
    with prompt(silent_redis) as client:
        assert stopped(Claims(client), timeout_s=0.3).reason == "DeadlineExceeded"


def test_a_commit_waits_for_a_redis_that_comes_back() -> None:
    stopper = Stopper()
    with Lease(ScriptedClaims(*[redis.ConnectionError()] * 5, "held"), CLAIM, stopper, None) as lease:  # type: ignore[arg-type]
        lease.confirm()
    stopper.check()


@pytest.mark.parametrize("answer", ["cancelled", "lost", redis.TimeoutError()])
def test_a_commit_does_not_happen_without_the_claim(answer: Any) -> None:
    with (
        Lease(ScriptedClaims(answer), CLAIM, Stopper(), 0.2) as lease,  # type: ignore[arg-type]
        pytest.raises(StoppedError),
    ):
        lease.confirm()


@pytest.mark.parametrize(
    ("answer", "lost"), [("held", False), ("cancelled", False), ("lost", True), (redis.ConnectionError(), False)]
)
def test_a_failure_is_anothers_only_where_redis_says_so(answer: Any, lost: bool) -> None:
    lease = Lease(ScriptedClaims(answer), CLAIM, Stopper(), None)  # type: ignore[arg-type]
    assert lease.lost() == lost
