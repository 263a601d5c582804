"""The store: never back in time, and never another object's uid."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_operator.informer.store import Key, Store

KEY = Key("VideoJob", "default", "job")


def job(version: int, uid: str = "u1", phase: str | None = None) -> dict[str, Any]:
    metadata = {"namespace": "default", "name": "job", "uid": uid, "resourceVersion": str(version)}
    return {"metadata": metadata, "status": {"phase": phase} if phase else {}}


@pytest.mark.parametrize(("old", "new", "kept"), [(1, 2, True), (2, 2, False), (3, 2, False), (9, 10, True)])
def test_only_a_newer_version_replaces_an_object(old: int, new: int, kept: bool) -> None:
    store = Store()
    store.put("VideoJob", job(old))
    assert store.put("VideoJob", job(new)) is kept
    assert store.get(KEY) == job(max(old, new))


def test_another_object_of_the_same_name_replaces_it_and_its_tasks() -> None:
    store = Store()
    store.put("VideoJob", job(5, "old"))
    store.put("VideoJob", job(6, "new"))
    assert store.job_of("old-1") is None
    assert store.job_of("new-1") == KEY


def test_a_late_deletion_does_not_take_the_younger_object() -> None:
    store = Store()
    store.put("VideoJob", job(6, "new"))
    store.remove("VideoJob", job(5, "old"))
    assert store.get(KEY) == job(6, "new")
    store.remove("VideoJob", job(7, "new"))
    assert store.get(KEY) is None


def test_tasks_of_plain_clients_have_no_job() -> None:
    assert Store().job_of("0b9a1c3e-1111-4222-8333-123456789abc") is None


def test_phases_are_counted_as_they_change() -> None:
    store = Store()
    store.put("VideoJob", job(1))
    assert store.phases() == {"Pending": 1}
    store.put("VideoJob", job(2, phase="Running"))
    assert store.phases() == {"Running": 1}
    store.remove("VideoJob", job(3))
    assert store.phases() == {}
