"""Lanes: what is urgent is known from the object alone."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_operator.controller.lanes import Lane, lane_of
from videojobs_operator.informer.store import Key, Store

TRANSCODE: dict[str, Any] = {"transcode": {}}


def store_with(spec: dict[str, Any], phase: str | None = None, **metadata: str) -> tuple[Store, Key]:
    store = Store()
    job = {
        "metadata": {"namespace": "n", "name": "j", "uid": "u", "resourceVersion": "1", **metadata},
        "spec": spec,
        "status": {"phase": phase} if phase else {},
    }
    store.put("VideoJob", job)
    return store, Key("VideoJob", "n", "j")


@pytest.mark.parametrize(
    ("spec", "phase", "metadata", "lane"),
    [
        (TRANSCODE, None, {}, Lane.WAITING),
        (TRANSCODE, "Queued", {}, Lane.WAITING),
        (TRANSCODE | {"priority": 9}, "Pending", {}, Lane.INTERACTIVE),
        ({"preview": {}}, None, {}, Lane.INTERACTIVE),
        (TRANSCODE, "Running", {}, Lane.PROGRESS),
        (TRANSCODE, "Succeeded", {}, Lane.PROGRESS),
        (TRANSCODE | {"suspend": True}, "Running", {}, Lane.ENDINGS),
        (TRANSCODE | {"suspend": True}, "Suspended", {}, Lane.WAITING),
        (TRANSCODE, "Queued", {"deletionTimestamp": "2026-01-01T00:00:00Z"}, Lane.ENDINGS),
        (TRANSCODE, "Failed", {"deletionTimestamp": "2026-01-01T00:00:00Z"}, Lane.PROGRESS),
        ({"transcode": {}, "priority": "high"}, None, {}, Lane.WAITING),  # refused later, in words
    ],
)
def test_of_a_videojob(spec: dict[str, Any], phase: str | None, metadata: dict[str, str], lane: Lane) -> None:
    assert lane_of(*store_with(spec, phase, **metadata)) is lane


@pytest.mark.parametrize(("kind", "lane"), [("WorkerPool", Lane.POOLS), ("VideoBatch", Lane.PROGRESS)])
def test_of_other_kinds(kind: Any, lane: Lane) -> None:
    assert lane_of(Store(), Key(kind, "n", "p")) is lane


def test_of_what_is_gone() -> None:
    assert lane_of(Store(), Key("VideoJob", "n", "j")) is Lane.PROGRESS
