"""What is done about a batch, as tables: its list, the VideoJobs that there are, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.builders import NOW
from videojobs_operator.core.batch import BatchDecision, Child, decide_batch, parse_batch
from videojobs_operator.core.conditions import find, is_true

PREVIEW = {"preview": {"source": {"uri": "file:///media/a.mp4"}, "output": {"uri": "file:///media/frames"}}}
DONE = {"phase": "Succeeded", "outputs": [{"uri": "file:///media/o.mp4"}]}
BROKEN = {"phase": "Failed", "failure": {"reason": "SourceNotFound", "message": "it is not there"}}


def decided(
    children: dict[str, Child] | None = None,
    status: dict[str, Any] | None = None,
    items: str = "abc",
    refused: dict[str, str] | None = None,
    after_s: float = 0,
    **spec: Any,
) -> BatchDecision:
    """The decision about a batch with an item a letter."""
    body = {"items": [{"name": name, "spec": PREVIEW} for name in items], **spec}
    metadata = {"name": "night", "uid": "uid", "namespace": "default", "generation": 2}
    batch = parse_batch({"metadata": metadata, "spec": body, "status": status or {}})
    return decide_batch(batch, children or {}, NOW + timedelta(seconds=after_s), refused)


def child(phase: str = "Running", percent: int = 0, **more: Any) -> Child:
    return Child("night-x", status={"phase": phase, "progress": {"percent": percent}}, **more)


def test_an_output_that_is_too_long_for_a_list_of_many_is_left_to_its_videojob() -> None:
    quoted = {"phase": "Succeeded", "outputs": [{"uri": "file:///media/" + "%E5" * 400}]}
    (result,) = decided({"a": Child("x", status=quoted)}, items="a").status["results"]
    assert result == {"name": "a", "phase": "Succeeded"}


def test_a_change_of_a_finished_batch_is_seen() -> None:
    ended = decided({"a": Child("x", status=DONE)}, items="a").status
    again = decided({}, {**ended, "observedGeneration": 1}, items="a").status
    assert again == ended


def phases(decision: BatchDecision) -> str:
    return " ".join(each["phase"] for each in decision.status["results"])


@pytest.mark.parametrize(
    ("children", "parallelism", "create"),
    [
        ({}, 2, ("a", "b")),
        ({}, 5, ("a", "b", "c")),
        ({"a": child()}, 2, ("b",)),
        ({"a": child(), "b": child("Queued")}, 2, ()),
        ({"a": Child("x", status=DONE), "b": child("Queued")}, 2, ("c",)),
        ({"a": Child("x", status=BROKEN)}, 1, ("b",)),
        ({"a": Child("x"), "b": child()}, 2, ()),
        ({"a": child(deleting=True)}, 1, ()),  # its name is not yet free
    ],
)
def test_as_many_at_a_time_as_asked_in_order(
    children: dict[str, Child], parallelism: int, create: tuple[str, ...]
) -> None:
    assert decided(children, parallelism=parallelism).create == create


def test_the_status_tells_how_all_stand() -> None:
    decision = decided({"a": Child("x", status=DONE), "b": child(percent=50)}, parallelism=2)
    told = decision.status
    assert phases(decision) == "Succeeded Running Pending"
    assert told["results"][0]["output"] == "file:///media/o.mp4"
    assert (told["phase"], told["completions"], told["progress"], told["active"]) == ("Running", "1/3", 50, 1)
    assert is_true(told["conditions"], "Reconciling")


def test_all_made_is_complete() -> None:
    decision = decided({name: Child("x", status=DONE) for name in "abc"})
    assert (decision.status["phase"], decision.status["progress"]) == ("Succeeded", 100)
    assert is_true(decision.status["conditions"], "Complete")
    assert not is_true(decision.status["conditions"], "Reconciling")
    assert [emit.reason for emit in decision.emits] == ["Succeeded"]


def test_one_failure_does_not_lose_the_others() -> None:
    going = decided({"a": Child("x", status=BROKEN), "b": child()}, parallelism=2)
    assert (going.status["phase"], going.create, going.delete) == ("Running", ("c",), ())
    ended = decided({"a": Child("x", status=BROKEN), "b": Child("x", status=DONE), "c": Child("x", status=DONE)})
    assert ended.status["phase"] == "Failed"
    assert find(ended.status["conditions"], "Failed")["message"] == "1 of 3 items failed: a"
    assert is_true(ended.status["conditions"], "Stalled")
    assert ended.status["results"][0] == {
        "name": "a", "phase": "Failed", "reason": "SourceNotFound", "message": "it is not there"
    }  # fmt: skip


def test_fail_fast_stops_the_others() -> None:
    decision = decided({"a": Child("x", status=BROKEN), "b": child()}, failurePolicy="FailFast")
    assert (decision.create, decision.delete) == ((), ("b",))
    assert phases(decision) == "Failed Cancelled Cancelled"
    assert find(decision.status["conditions"], "Failed")["reason"] == "FailFast"
    again = decided({"a": Child("x", status=BROKEN), "b": child()}, decision.status, failurePolicy="FailFast")
    assert (again.delete, again.emits, again.status) == (("b",), (), decision.status)


def test_what_has_ended_is_not_begun_again_when_its_videojob_is_gone() -> None:
    before = decided({"a": Child("x", status=DONE), "b": child()}, parallelism=2).status
    decision = decided({"b": child()}, before, parallelism=2)
    assert (phases(decision), decision.create) == ("Succeeded Running Pending", ("c",))


def test_a_videojob_deleted_before_its_end_is_made_again() -> None:
    before = decided({"a": child()}, items="a").status
    assert decided({}, before, items="a").create == ("a",)


def test_suspend_stops_what_runs_and_starts_nothing() -> None:
    decision = decided({"a": child(), "b": Child("x", status=DONE)}, suspend=True)
    assert (decision.suspend, decision.create, decision.status["phase"]) == ((("a", True),), (), "Suspended")
    assert is_true(decision.status["conditions"], "Suspended")
    resumed = decided({"a": child("Suspended", suspended=True)}, decision.status, parallelism=1)
    assert (resumed.suspend, resumed.status["phase"]) == ((("a", False),), "Running")
    assert not is_true(resumed.status["conditions"], "Suspended")


def test_an_item_whose_name_is_taken_fails_and_the_other_is_left_alone() -> None:
    decision = decided({"a": child(ours=False)}, items="a")
    assert decision.status["results"][0]["reason"] == "NameTaken"
    assert (decision.delete, decision.suspend) == ((), ())


def test_an_item_that_the_api_server_refuses_fails_with_its_words() -> None:
    decision = decided({}, items="a", refused={"a": "must be file:///"})
    assert decision.status["results"][0]["message"] == "must be file:///"
    assert decision.status["phase"] == "Failed"


def test_a_batch_that_cannot_be_meant_fails_before_anything_starts() -> None:
    body = {"items": [{"name": "a", "spec": PREVIEW}, {"name": "b", "spec": {}}]}
    batch = parse_batch({"metadata": {"name": "night", "uid": "u"}, "spec": body})
    decision = decide_batch(batch, {}, NOW)
    assert (decision.status["phase"], decision.create) == ("Failed", ())
    condition = find(decision.status["conditions"], "Failed")
    assert condition["reason"] == "InvalidSpec"
    assert condition["message"].startswith("spec.items[1] (b): spec: set exactly one of")


@pytest.mark.parametrize(("after_s", "expired", "again_s"), [(0, False, 100), (99, False, 1), (101, True, 0.05)])
def test_it_goes_when_its_time_to_live_is_over(after_s: float, expired: bool, again_s: float) -> None:
    ended = decided({"a": Child("x", status=DONE)}, items="a", ttlSecondsAfterFinished=100).status
    decision = decided({}, ended, items="a", after_s=after_s, ttlSecondsAfterFinished=100)
    assert (decision.expired, decision.requeue_after_s) == (expired, pytest.approx(again_s))


@given(
    st.lists(st.sampled_from(["", "Pending", "Queued", "Running", "Suspended", "Succeeded", "Failed"]), max_size=8),
    st.integers(1, 8),
    st.sampled_from(["Continue", "FailFast"]),
    st.booleans(),
)
def test_whatever_there_is(there: list[str], parallelism: int, policy: str, suspend: bool) -> None:
    items = "abcdefgh"[: max(1, len(there))]
    children = {name: child(phase) for name, phase in zip(items, there, strict=False) if phase}
    decision = decided(children, items=items, parallelism=parallelism, failurePolicy=policy, suspend=suspend)
    running = [name for name, each in children.items() if each.phase not in ("Succeeded", "Failed")]
    assert len(running) + len(decision.create) <= max(parallelism, len(running))
    assert not set(decision.create) & set(children)
    assert [each["name"] for each in decision.status["results"]] == list(items)
    assert not (suspend and decision.create)
    assert 0 <= decision.status["progress"] <= 100
    settled = decide_batch_again(children, decision, items, parallelism, policy, suspend)
    if not decision.create:
        assert (settled.status, settled.emits) == (decision.status, ())


def decide_batch_again(
    children: dict[str, Child], before: BatchDecision, items: str, parallelism: int, policy: str, suspend: bool
) -> BatchDecision:
    return decided(children, before.status, items=items, parallelism=parallelism, failurePolicy=policy, suspend=suspend)
