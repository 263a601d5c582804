"""Who may take the Lease."""

from __future__ import annotations

import pytest

from videojobs_operator.core.leadership import LEASE_S, RENEW_DEADLINE_S, RETRY_S, LeaseRecord, Observed, may_take


def record(holder: str, version: str = "1") -> LeaseRecord:
    return LeaseRecord(holder, 10.0, 0, version)


@pytest.mark.parametrize(
    ("holder", "unchanged_s", "taken"),
    [("", 0.0, True), ("me", 0.0, True), ("other", 0.0, False), ("other", 10.0, False), ("other", 10.1, True)],
)
def test_anothers_is_taken_when_it_was_not_renewed_for_its_duration(
    holder: str, unchanged_s: float, taken: bool
) -> None:
    assert may_take(record(holder), "me", unchanged_s) is taken


def test_time_counts_from_when_it_was_first_seen_so_and_anew_after_each_renewal() -> None:
    observed = Observed()
    assert observed.unchanged_s(record("other", "1"), 100.0) == 0.0
    assert observed.unchanged_s(record("other", "1"), 105.0) == 5.0
    assert observed.unchanged_s(record("other", "2"), 109.0) == 0.0


def test_the_holder_stops_before_anybody_else_may_begin() -> None:
    assert RENEW_DEADLINE_S + RETRY_S < LEASE_S
