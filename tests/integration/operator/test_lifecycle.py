"""A VideoJob from apply to its end, on a real API server, Redis and Celery queues."""

from __future__ import annotations

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
from videojobs_protocol import keys

pytestmark = pytest.mark.usefixtures("operator", "pool")


@pytest.fixture(scope="module")
def pool(control_plane: ControlPlane, operator: OperatorProcess) -> Pool:
    """A CPU pool for all queues, whose workers are the tests'."""
    return Pool.apply(control_plane, "default", "cpu")


@pytest.fixture
def worker(redis_server: RedisServer) -> Iterator[ScriptedWorker]:
    with ScriptedWorker(redis_server.url) as taking:
        yield taking


def test_from_apply_to_succeeded(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    job = Job.apply(control_plane, namespace)
    queued = job.wait_phase("Queued")
    assert (queued["attempt"], queued["queue"]["name"], queued["kind"]) == (1, "transcode_queue", "transcode")
    taken = worker.take(job.uid)
    assert queued["taskID"] == taken.attempt.task_id == f"{job.uid}-1"

    taken.begin()
    running = job.wait_phase("Running")
    assert running["worker"]["pod"] == "pod-1"
    assert job.condition("Reconciling") == "True"
    for percent in (20, 60):
        taken.report(percent)
        job.wait(lambda status, at=percent: status["progress"]["percent"] == at, f"{percent} %")  # type: ignore[misc]

    taken.succeed()
    done = job.wait_phase("Succeeded")
    assert [output["uri"] for output in done["outputs"]] == ["file:///media/out.mp4"]
    assert done["completionTime"] >= done["startTime"]
    assert (job.condition("Complete"), job.condition("Reconciling")) == ("True", "False")
    assert done["observedGeneration"] == job.get()["metadata"]["generation"]
    control_plane.kubectl("wait", "vj", "-n", namespace, "job", "--for=condition=Complete", "--timeout=5s")


def test_phases_are_reported_by_kubectl_get(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    worker.take(job.uid).begin()
    job.wait_phase("Running")
    table = control_plane.kubectl("get", "vj", "-n", namespace)
    assert "Running" in table.splitlines()[1]


def test_deleting_a_running_job_stops_its_worker_and_then_it_is_gone(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    taken.begin()
    job.wait_phase("Running")
    job.delete()
    eventually(lambda: taken.renew() == "cancelled", "the worker is told to stop")
    assert job.get()["metadata"]["finalizers"] == ["videojobs.dev/cancel"]
    taken.fail("Cancelled", retryable=False)
    eventually(lambda: not job.get(), "the job is gone")


def test_deleting_a_queued_job_does_not_wait_for_any_worker(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    job.wait_phase("Queued")
    eventually(lambda: worker.lists_of(job.uid), "its message is there")
    uid = job.uid
    job.delete()
    eventually(lambda: not job.get(), "the job is gone")
    eventually(lambda: not worker.lists_of(uid), "and so is its message, which would count as work")


def test_a_waiting_job_moves_with_its_priority(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, priority=5)
    eventually(lambda: worker.lists_of(job.uid) == [4], "it waits")
    job.patch({"priority": 9})
    eventually(lambda: worker.lists_of(job.uid) == [0], "it has moved, and waits once")
    taken = worker.take(job.uid)
    assert taken.attempt.number == 1
    taken.begin()
    taken.succeed()
    job.wait_phase("Succeeded")


def test_suspend_stops_the_attempt_and_resume_starts_another_that_costs_nothing(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, backoffLimit=0)
    taken = worker.take(job.uid)
    taken.begin()
    job.wait_phase("Running")
    job.patch({"suspend": True})
    eventually(lambda: taken.renew() == "cancelled", "the worker is told to stop")
    taken.fail("Cancelled", retryable=False)
    job.wait_phase("Suspended")
    assert job.condition("Suspended") == "True"

    job.patch({"suspend": False})
    again = worker.take(job.uid)
    assert again.attempt.number == 2
    again.begin()
    again.succeed()
    done = job.wait_phase("Succeeded")
    assert done.get("failed", 0) == 0
    assert job.condition("Suspended") == "False"


def test_a_failed_attempt_is_tried_again_after_a_while(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, backoffLimit=2)
    first = worker.take(job.uid)
    first.begin()
    first.fail("EncodeFailed")
    job.wait(lambda status: status.get("failed") == 1, "the failure is counted")
    eventually(lambda: "EncodeFailed" in job.events("Retrying"), "it is told why")
    second = worker.take(job.uid, timeout_s=60)
    assert second.attempt.number == 2
    second.begin()
    second.succeed()
    job.wait_phase("Succeeded")


def test_what_cannot_pass_is_not_tried_again(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, backoffLimit=5)
    taken = worker.take(job.uid)
    taken.begin()
    taken.fail("CorruptSource", retryable=False)
    failed = job.wait_phase("Failed")
    assert (failed["attempt"], failed["failure"]["reason"]) == (1, "CorruptSource")
    assert failed["failure"]["logTail"] == "last words"
    control_plane.kubectl("wait", "vj", "-n", namespace, "job", "--for=condition=Failed", "--timeout=5s")


def test_the_last_failure_ends_the_job(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    job = Job.apply(control_plane, namespace, backoffLimit=0)
    taken = worker.take(job.uid)
    taken.begin()
    taken.fail("EncodeFailed")
    failed = job.wait_phase("Failed")
    assert failed["failed"] == 1
    conditions = {each["type"]: each for each in failed["conditions"]}
    assert conditions["Failed"]["reason"] == "BackoffLimitExceeded"


def test_a_worker_that_is_lost_costs_an_attempt_and_not_the_job(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    taken.begin()
    job.wait_phase("Running")
    taken.vanish()
    job.wait(lambda status: status.get("failed") == 1, "the loss is seen", timeout_s=60)
    eventually(lambda: "WorkerLost" in job.events("Retrying"), "it is told why")
    again = worker.take(job.uid, timeout_s=60)
    assert again.attempt.number == 2


def test_a_deadline_ends_a_running_job(control_plane: ControlPlane, namespace: str, worker: ScriptedWorker) -> None:
    job = Job.apply(control_plane, namespace, activeDeadlineSeconds=2)
    taken = worker.take(job.uid)
    taken.begin()
    failed = job.wait_phase("Failed")
    conditions = {each["type"]: each for each in failed["conditions"]}
    assert conditions["Failed"]["reason"] == "DeadlineExceeded"
    eventually(lambda: taken.renew() == "cancelled", "the worker is told to stop")


def test_a_status_that_the_api_server_refuses_ends_the_job(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    taken.begin()
    taken.succeed(sha256="0" * 65)
    failed = job.wait_phase("Failed")
    assert failed["failure"]["reason"] == "InternalError"
    assert "sha256: Too long" in failed["failure"]["message"]
    eventually(lambda: "sha256: Too long" in job.events("Failed"), "it is told why")


def test_a_finished_job_goes_after_its_time(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, ttlSecondsAfterFinished=1)
    taken = worker.take(job.uid)
    taken.begin()
    taken.succeed()
    eventually(lambda: not job.get(), "the job is gone")


def test_a_job_that_no_pool_can_run_waits_and_says_why(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace, gpu="Required")
    status = job.wait(lambda status: reason(status) == "NoWorkerPool", "the reason is told")
    assert (status["phase"], status["queue"]["name"]) == ("Queued", "transcode_queue_gpu")
    gpu = Pool.apply(control_plane, "default", "gpu", queues=["transcode_queue_gpu"], gpu={})
    try:
        job.wait(lambda status: reason(status) == "WaitingForWorker", "the pool is seen")
        worker.take(job.uid, "transcode_queue_gpu").begin()
        job.wait_phase("Running")
    finally:
        gpu.delete()


def reason(status: dict[str, Any]) -> str:
    """Why a job is not done."""
    found = {each["type"]: each["reason"] for each in status.get("conditions", [])}
    return str(found.get("Reconciling", ""))


def test_plain_celery_tasks_are_none_of_its_business(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    worker.redis.set(keys.task_status("some-uuid"), '{"task_id": "some-uuid", "status": "running"}')
    worker.redis.publish(keys.task_progress("some-uuid"), "not even JSON")
    job = Job.apply(control_plane, namespace)
    worker.take(job.uid).begin()
    job.wait_phase("Running")


@pytest.mark.parametrize("count", [50])
def test_many_jobs_at_once_each_run_once(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker, count: int
) -> None:
    jobs = {f"job-{number}": None for number in range(count)}
    Job.apply_many(control_plane, namespace, list(jobs))
    ids = set()
    for _ in range(count):
        taken = worker.take_any()
        assert taken.begin() == "held"
        taken.succeed()
        ids.add(taken.attempt.task_id)
    assert len(ids) == count
    assert worker.waiting("transcode_queue") == 0
    eventually(lambda: phases(control_plane, namespace) == {"Succeeded": count}, "all succeeded", 90)


def phases(plane: ControlPlane, namespace: str) -> dict[str, int]:
    text = plane.kubectl("get", "vj", "-n", namespace, "-o", "jsonpath={.items[*].status.phase}")
    found = text.split()
    return {phase: found.count(phase) for phase in set(found)}


def test_jobs_are_selected_by_phase_kind_and_gpu(
    control_plane: ControlPlane, namespace: str, worker: ScriptedWorker
) -> None:
    running, queued = (Job.apply(control_plane, namespace, name) for name in ("running", "queued"))
    worker.take(running.uid).begin()
    running.wait_phase("Running")
    queued.wait_phase("Queued")
    for selector, names in (
        ("status.phase=Running", ["running"]),
        ("status.phase!=Running,status.kind=transcode", ["queued"]),
        ("spec.gpu=Required", []),
    ):
        found = control_plane.kubectl("get", "vj", "-n", namespace, "-o", "name", f"--field-selector={selector}")
        assert found.split() == [f"videojob.videojobs.dev/{name}" for name in names]


def test_what_the_api_servers_rules_cannot_say_fails_with_its_field(
    control_plane: ControlPlane, namespace: str
) -> None:
    source = {"uri": "file:///media/a.mp4"}
    transcode = {"source": source, "outputs": [{"uri": source["uri"]}]}
    job = Job.apply(control_plane, namespace, transcode=transcode, ttlSecondsAfterFinished=3)
    failed = job.wait_phase("Failed")
    told = "spec.transcode.outputs[0].uri: is the source itself: choose another name"
    assert failed["failure"] == {"reason": "InvalidSpec", "message": told, "retryable": False, "logTail": ""}
    conditions = {each["type"]: (each["status"], each["reason"]) for each in failed["conditions"]}
    assert conditions["Failed"] == conditions["Stalled"] == ("True", "InvalidSpec")
    assert "attempt" not in failed
    eventually(lambda: told in job.events("Failed"), "it is an event")
    eventually(lambda: not job.get(), "it goes after its time as every other")


def test_a_wrong_spec_is_refused_by_the_api_server(control_plane: ControlPlane, namespace: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        Job.apply(control_plane, namespace, priority=11)
    assert "spec.priority" in refusal.value.stderr
