"""A VideoBatch from apply to its end, on a real API server, Redis and Celery queues."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.operator_process import OperatorProcess
from tests.integration.scripted_worker import ScriptedWorker
from tests.integration.video_jobs import Job, eventually
from tests.integration.worker_pools import Pool
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.usefixtures("operator", "pool")

TEMPLATE = {
    "transcode": {
        "source": {"uri": "file:///media/$(name).mp4"},
        "outputs": [{"uri": "file:///media/out/$(name).mp4", "video": {"height": "$(height)"}}],
    }
}


@pytest.fixture(scope="module")
def pool(control_plane: ControlPlane, operator: OperatorProcess) -> Pool:
    """A CPU pool for all queues, whose workers are the tests'."""
    return Pool.apply(control_plane, "default", "cpu")


@pytest.fixture
def worker(redis_server: RedisServer) -> Iterator[ScriptedWorker]:
    redis_server.cli("FLUSHALL")  # messages of another test's jobs
    with ScriptedWorker(redis_server.url) as taking:
        yield taking


class Batch(Job):
    """A VideoBatch in the cluster."""

    resource = "videobatch"

    def job(self, item: str) -> Job:
        return Job(self.plane, self.namespace, f"{self.name}-{item}")


def manifest(namespace: str, name: str = "night", items: str = "abc", **spec: Any) -> dict[str, Any]:
    listed = [{"name": item, "values": {"height": 90}} for item in items]
    return {
        "apiVersion": "videojobs.dev/v1alpha1",
        "kind": "VideoBatch",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": TEMPLATE, "items": listed, **spec},
    }


def apply(plane: ControlPlane, body: dict[str, Any]) -> Batch:
    plane.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    return Batch(plane, body["metadata"]["namespace"], body["metadata"]["name"])


def test_a_batch_runs_as_many_at_a_time_as_asked_and_tells_one_status(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    batch = apply(control_plane, manifest(namespace, parallelism=2))
    batch.wait(lambda status: status.get("active") == 2, "two at a time")
    assert not batch.job("c").get()
    for _ in "abc":
        taken = worker.take_any()
        taken.begin()
        taken.report(50)
        batch.wait(lambda status: "Running" in str(status["results"]), "it runs")
        taken.succeed(f"file:///media/out/{taken.attempt.name[-1]}.mp4")
    done = batch.wait_phase("Succeeded")
    assert [(each["name"], each["output"]) for each in done["results"]] == [
        (item, f"file:///media/out/{item}.mp4") for item in "abc"
    ]
    assert (done["completions"], done["progress"], done["active"]) == ("3/3", 100, 0)
    control_plane.kubectl("wait", "vb", "-n", namespace, "night", "--for=condition=Complete", "--timeout=5s")
    row = control_plane.kubectl("get", "vb", "-n", namespace).splitlines()[1].split()
    assert row[:4] == ["night", "Succeeded", "3/3", "100"]
    made = batch.job("a").get()
    assert made["spec"]["transcode"]["outputs"][0]["video"]["height"] == 90
    assert made["metadata"]["ownerReferences"][0]["name"] == "night"
    assert made["metadata"]["labels"]["videojobs.dev/batch"] == "night"


def test_fail_fast_stops_the_others(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    batch = apply(control_plane, manifest(namespace, failurePolicy="FailFast"))
    taken = [worker.take_any() for _ in "abc"]
    running, failing, _ = sorted(taken, key=lambda each: each.attempt.name)
    running.begin()
    failing.begin()
    failing.fail("SourceNotFound", retryable=False)
    ended = batch.wait_phase("Failed")
    assert [each["phase"] for each in ended["results"]] == ["Cancelled", "Failed", "Cancelled"]
    eventually(lambda: running.renew() == "cancelled", "the running one is told to stop")
    running.fail("Cancelled", retryable=False)
    eventually(lambda: not batch.job("a").get() and not batch.job("c").get(), "the others are gone")
    assert "b failed, so that the others were stopped" in eventually(lambda: batch.events("Failed"), "an event")


def test_suspend_and_resume(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    batch = apply(control_plane, manifest(namespace, items="a"))
    batch.job("a").wait_phase("Queued")
    batch.patch({"suspend": True})
    batch.wait_phase("Suspended")
    batch.job("a").wait_phase("Suspended")
    batch.patch({"suspend": False})
    batch.job("a").wait_phase("Queued")
    taken = worker.take(batch.job("a").uid)
    while taken.attempt.number < 2:  # the message of the stopped attempt may still be there
        taken = worker.take(batch.job("a").uid)
    taken.begin()
    taken.succeed()
    batch.wait_phase("Succeeded")


def test_a_bad_item_fails_the_batch_before_anything_starts(control_plane: ControlPlane, namespace: str) -> None:
    body = manifest(namespace)
    del body["spec"]["items"][1]["values"]
    batch = apply(control_plane, body)
    batch.wait_phase("Failed")
    (failed,) = [each for each in batch.status["conditions"] if each["type"] == "Failed"]
    assert failed["message"] == "spec.items[1].values: has no height, which the template asks for: $(height)"
    assert not batch.job("a").get()


def test_what_only_the_api_server_refuses_fails_its_item(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    body = manifest(namespace, items="ab")
    source = {"uri": "$(uri)"}
    body["spec"]["template"] = {"preview": {"source": source, "output": {"uri": "file:///media/$(name)"}}}
    for item, uri in zip(body["spec"]["items"], ("ftp://host/x.mp4", "file:///media/x.mp4"), strict=True):
        item["values"] = {"uri": uri}
    batch = apply(control_plane, body)
    batch.job("b").wait_phase("Queued")
    taken = worker.take(batch.job("b").uid, "preview_queue")
    taken.begin()
    taken.succeed()
    results = batch.wait_phase("Failed")["results"]
    assert [(each["phase"], each.get("reason")) for each in results] == [("Failed", "Refused"), ("Succeeded", None)]
    assert "must be file:///ABSOLUTE/PATH" in results[0]["message"]


def test_a_batch_goes_with_its_time_to_live(control_plane: ControlPlane, namespace: str) -> None:
    body = manifest(namespace, ttlSecondsAfterFinished=0)
    body["spec"]["items"] = [{"name": "a"}]
    batch = apply(control_plane, body)
    eventually(lambda: not batch.get(), "the batch is gone")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": [{"name": "a", "values": {"height": 80}}]}, "spec.items: Invalid value: is immutable"),
        ({"failurePolicy": "FailFast"}, 'spec.failurePolicy: Invalid value: "FailFast": is immutable'),
        ({"template": {"preview": {}}}, "spec.template: Invalid value: is immutable"),
        ({"parallelism": 0}, "spec.parallelism: Invalid value: 0: spec.parallelism in body should be greater than"),
    ],
)
def test_refused_changes(control_plane: ControlPlane, namespace: str, change: dict[str, Any], message: str) -> None:
    batch = apply(control_plane, manifest(namespace, items="a"))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        batch.patch(change)
    assert message in refused.value.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": []}, "spec.items: Invalid value: 0: spec.items in body should have at least 1 items"),
        (
            {"items": [{"name": "a", "spec": {}}]},
            "spec: Invalid value: give either a template, or each item a spec of its own",
        ),
        ({"items": [{"name": "A"}]}, "spec.items[0].name: Invalid value"),
        ({"items": [{"name": "a"}, {"name": "a"}]}, 'spec.items[1]: Duplicate value: {"name":"a"}'),
        ({"colour": "red"}, 'unknown field "spec.colour"'),
    ],
)
def test_refused(control_plane: ControlPlane, namespace: str, change: dict[str, Any], message: str) -> None:
    body = manifest(namespace)
    body["spec"] |= change
    with pytest.raises(subprocess.CalledProcessError) as refused:
        apply(control_plane, body)
    assert message in refused.value.stderr


def test_a_name_too_long_for_a_label_is_refused(control_plane: ControlPlane, namespace: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        apply(control_plane, manifest(namespace, name="n" * 64))
    assert "metadata.name must not be longer than 63 characters" in refused.value.stderr
