"""The operator's client of the API server, and its writer of status, against a real one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.integration.video_jobs import Job
from tests.support.control_plane import ControlPlane
from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import Conflict, Kubernetes, Refused
from videojobs_operator.handlers.store import Store
from videojobs_operator.handlers.writer import StatusWriter

T = TypeVar("T")


def ask(plane: ControlPlane, question: Callable[[Kubernetes], Awaitable[T]]) -> T:
    async def answer() -> T:
        api = await kubernetes.connect(lambda *_: None, {"KUBECONFIG": str(plane.kubeconfig)})
        try:
            return await question(api)
        finally:
            await api.close()

    return asyncio.run(answer())


def test_a_list_of_many_pages_is_whole(
    control_plane: ControlPlane, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes, "PAGE", 2)
    names = [f"job-{number}" for number in range(5)]
    Job.apply_many(control_plane, namespace, names)
    found = ask(control_plane, lambda api: api.list_all(kubernetes.VIDEOJOBS, namespace))
    assert [each["metadata"]["name"] for each in found] == names
    assert ask(control_plane, lambda api: api.list_all(kubernetes.VIDEOJOBS, namespace, "colour=red")) == []


def test_progress_is_never_written_to_another_job_of_the_same_name(control_plane: ControlPlane, namespace: str) -> None:
    first = Job.apply(control_plane, namespace)
    found = first.get()
    first.delete()
    second = Job.apply(control_plane, namespace)

    async def write(api: Kubernetes) -> float | None:
        writer = StatusWriter(api, Store(), time.monotonic)
        status = {**found["status"], "progress": {"percent": 42}}
        return await writer.write_progress("VideoJob", kubernetes.VIDEOJOBS, found, status)

    with pytest.raises(Conflict):
        ask(control_plane, write)
    assert "progress" not in second.status


@pytest.mark.parametrize(
    ("spec", "problem"), [({}, "set exactly one"), ({"priority": 11}, "less than or equal to 10")], ids=json.dumps
)
def test_what_is_refused_for_good_is_an_error_of_its_own(
    control_plane: ControlPlane, namespace: str, spec: dict[str, object], problem: str
) -> None:
    body = {
        "apiVersion": "videojobs.dev/v1alpha1", "kind": "VideoJob", "metadata": {"name": "no"}, "spec": spec
    }  # fmt: skip
    with pytest.raises(Refused, match=problem):
        ask(control_plane, lambda api: api.create(kubernetes.VIDEOJOBS, namespace, body))
