"""The operator's client of the API server, and its writer of status, against a real one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integration.video_jobs import Job
from tests.support.control_plane import ControlPlane
from videojobs_operator.clients import kubernetes
from videojobs_operator.clients.kubernetes import LONGEST_RETRY_AFTER_S, ApiError, Conflict, Kubernetes, Refused
from videojobs_operator.clients.tokens import TokenBucket
from videojobs_operator.controller.status_writer import StatusWriter
from videojobs_operator.informer.store import Store

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
        writer = StatusWriter(api, Store(), TokenBucket(100, 100, time.monotonic), time.monotonic)
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


@pytest.mark.parametrize(
    ("retry_after", "expected_s"),
    [("3", 3.0), ("", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("86400", LONGEST_RETRY_AFTER_S)],
)
def test_a_server_that_has_too_much_to_do_says_for_how_long(retry_after: str, expected_s: float) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"message": "too many requests"}, status=429, headers={"Retry-After": retry_after})

    async def ask_it() -> ApiError:
        app = web.Application()
        app.router.add_get("/{path:.*}", refuse)
        async with TestServer(app) as server:
            settings = kubernetes.generated.Configuration(host=str(server.make_url("")).rstrip("/"))
            api = Kubernetes(kubernetes.generated.ApiClient(settings), lambda *_: None)
            try:
                with pytest.raises(ApiError, match="too many requests") as found:
                    await api.get(kubernetes.VIDEOJOBS, "n", "j")
                return found.value
            finally:
                await api.close()

    error = asyncio.run(ask_it())
    assert (error.code, error.retry_after_s) == (429, expected_s)
