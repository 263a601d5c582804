"""Conditions: one of a type, and the time of a transition is the time of a transition."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.core.builders import NOW
from videojobs_operator.core.conditions import find, is_true, with_condition


def test_the_time_moves_only_when_the_status_does() -> None:
    one = with_condition([], "Complete", False, "Running", "", NOW)
    same = with_condition(one, "Complete", False, "Waiting", "longer", NOW + timedelta(hours=1))
    changed = with_condition(same, "Complete", True, "Done", "", NOW + timedelta(hours=2))
    assert len(changed) == 1
    assert find(same, "Complete")["lastTransitionTime"] == "2026-01-02T03:04:05Z"
    assert find(same, "Complete")["reason"] == "Waiting"
    assert find(changed, "Complete")["lastTransitionTime"] == "2026-01-02T05:04:05Z"
    assert is_true(changed, "Complete")
    assert not is_true(changed, "Failed")


def test_the_given_list_is_not_changed() -> None:
    given: list[dict[str, object]] = []
    with_condition(given, "Failed", True, "Broken", "", NOW)
    assert given == []
