"""Backoff: within its window, the same for a restarted operator, different among jobs."""

from hypothesis import given
from hypothesis import strategies as st

from videojobs_operator.core.retries import BASE_S, CAP_S, backoff_s


@given(st.uuids().map(str), st.integers(1, 100), st.integers(1, 100))
def test_within_the_window_and_repeatable(uid: str, attempt: int, failed: int) -> None:
    delay = backoff_s(uid, attempt, failed)
    assert 0 <= delay <= min(CAP_S, BASE_S * 2 ** (failed - 1))
    assert delay == backoff_s(uid, attempt, failed)


def test_jobs_do_not_come_back_together() -> None:
    assert len({round(backoff_s(f"job-{number}", 1, 5), 3) for number in range(100)}) > 90
