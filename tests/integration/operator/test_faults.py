"""What may break between the operator and the workers, and that no job is lost or done twice by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.operator_process import OperatorProcess
from tests.integration.scripted_worker import ScriptedWorker
from tests.integration.video_jobs import Job, eventually
from tests.integration.worker_pools import Pool
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this module's own, to be stopped and emptied."""
    with RedisServer() as started:
        yield started


@pytest.fixture
def operator(
    control_plane: ControlPlane, redis_server: RedisServer, namespace: str, tmp_path: Path
) -> Iterator[OperatorProcess]:
    """An operator of the test's own, in the test's namespace alone."""
    log = tmp_path / "operator.log"
    redis_server.cli("FLUSHALL")  # what the test before left waiting is not this one's
    with OperatorProcess(control_plane.kubeconfig, redis_server.url, log, [namespace]) as started:
        Pool.apply(control_plane, namespace, "cpu")
        yield started


@pytest.fixture
def worker(redis_server: RedisServer) -> Iterator[ScriptedWorker]:
    with ScriptedWorker(redis_server.url) as taking:
        yield taking


def test_a_lost_message_is_sent_again_with_the_same_id(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    lost = worker.take(job.uid)  # taken off the queue, and never heard of again
    again = worker.take(job.uid, timeout_s=60)
    assert again.attempt == lost.attempt
    again.begin()
    again.succeed()
    job.wait_phase("Succeeded")


def test_a_message_that_waits_is_not_sent_again(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, redis_server: RedisServer
) -> None:
    lost = Job.apply(control_plane, namespace, "lost")
    lost.wait_phase("Queued")
    waiting = Job.apply(control_plane, namespace, "waiting")
    with ScriptedWorker(redis_server.url) as worker:
        eventually(lambda: worker.waiting("transcode_queue") == 2, "both wait")
        worker.take(lost.uid)  # the first in the queue
        # The loss is noticed by the same look that finds the other job's message.
        eventually(lambda: worker.waiting("transcode_queue") == 2, "the lost one is sent again", timeout_s=60)
        assert sorted(worker.take_any().attempt.job_uid for _ in range(2)) == sorted((lost.uid, waiting.uid))
        assert worker.waiting("transcode_queue") == 0


def test_an_emptied_redis_is_filled_again(
    control_plane: ControlPlane,
    operator: OperatorProcess,
    namespace: str,
    redis_server: RedisServer,
    worker: ScriptedWorker,
) -> None:
    job = Job.apply(control_plane, namespace)
    job.wait_phase("Queued")
    eventually(lambda: worker.waiting("transcode_queue") == 1, "the message is there")
    redis_server.client().flushall()
    taken = worker.take(job.uid, timeout_s=60)
    assert taken.attempt.number == 1
    taken.begin()
    taken.succeed()
    job.wait_phase("Succeeded")


def test_a_job_applied_while_redis_is_away_runs_when_it_is_back(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, redis_server: RedisServer
) -> None:
    redis_server.stop()
    try:
        eventually(lambda: operator.probe("/readyz")[0] == 503, "not ready")
        job = Job.apply(control_plane, namespace)
        assert operator.probe("/healthz")[0] == 200
        job.wait(lambda status: status.get("phase") in ("Pending", "Queued"), "a phase")
    finally:
        redis_server.start()
    with ScriptedWorker(redis_server.url) as worker:
        taken = worker.take(job.uid, timeout_s=60)
        assert taken.attempt.number == 1
        taken.begin()
        taken.succeed()
    assert job.wait_phase("Succeeded").get("failed", 0) == 0
    eventually(lambda: operator.probe("/readyz")[0] == 200, "ready again")


def test_a_running_job_outlives_an_absence_of_redis(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, redis_server: RedisServer
) -> None:
    job = Job.apply(control_plane, namespace)
    with ScriptedWorker(redis_server.url) as worker:
        taken = worker.take(job.uid)
        taken.begin()
        job.wait_phase("Running")
        redis_server.stop()
        eventually(lambda: operator.probe("/readyz")[0] == 503, "not ready")
        redis_server.start()  # empty: claim and status are gone
        assert taken.renew() == "held"
        taken.report(70)
        job.wait(lambda status: status.get("progress", {}).get("percent") == 70, "it is followed again")
        taken.succeed()
        assert job.wait_phase("Succeeded").get("failed", 0) == 0


@pytest.mark.parametrize("phase", ["Queued", "Running"])
def test_an_operator_that_crashes_goes_on_where_it_was(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, worker: ScriptedWorker, phase: str
) -> None:
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    if phase == "Running":
        taken.begin()
    job.wait_phase(phase)
    operator.kill()
    if phase == "Queued":
        taken.begin()
    taken.succeed()
    operator.start()
    operator.wait_ready()
    done = job.wait_phase("Succeeded")
    assert (done["attempt"], done.get("failed", 0)) == (1, 0)


def test_a_job_deleted_while_the_operator_was_down_goes(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, worker: ScriptedWorker
) -> None:
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    taken.begin()
    job.wait_phase("Running")
    operator.kill()
    job.delete()
    assert job.get()
    operator.start()
    eventually(lambda: taken.renew() == "cancelled", "the worker is told to stop")
    taken.fail("Cancelled", retryable=False)
    eventually(lambda: not job.get(), "the job is gone")


def test_a_deleted_job_goes_also_where_redis_does_not_come_back(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, redis_server: RedisServer
) -> None:
    job = Job.apply(control_plane, namespace)
    with ScriptedWorker(redis_server.url) as worker:
        worker.take(job.uid).begin()
        job.wait_phase("Running")
    redis_server.stop()
    try:
        job.delete()
        eventually(lambda: not job.get(), "no worker can hold it any more", timeout_s=90)
    finally:
        redis_server.start()


def test_another_job_of_the_same_name_is_another_job(
    control_plane: ControlPlane, operator: OperatorProcess, namespace: str, worker: ScriptedWorker
) -> None:
    first = Job.apply(control_plane, namespace)
    old = worker.take(first.uid)
    old.begin()
    first.wait_phase("Running")
    first.delete()
    old.fail("Cancelled", retryable=False)
    eventually(lambda: not first.get(), "the first is gone")
    second = Job.apply(control_plane, namespace)
    taken = worker.take(second.uid)
    old.report(99)  # a late word on the first
    taken.begin()
    assert second.wait_phase("Running")["progress"]["percent"] == 0
    assert second.uid != old.attempt.job_uid


@pytest.mark.parametrize("nonsense", ["[]", b"\xff\xfe\x00"], ids=repr)
def test_nonsense_in_redis_is_passed_over(
    control_plane: ControlPlane,
    operator: OperatorProcess,
    namespace: str,
    worker: ScriptedWorker,
    nonsense: str | bytes,
) -> None:
    waiting = Job.apply(control_plane, namespace, "waiting")
    worker.take(waiting.uid)  # lost: so that the queue is looked into
    job = Job.apply(control_plane, namespace)
    taken = worker.take(job.uid)
    worker.redis.set(keys.task_status(taken.attempt.task_id), nonsense)
    worker.redis.publish(keys.task_progress(taken.attempt.task_id), nonsense)
    worker.redis.publish(b"task_progress:\xff\xfe", nonsense)
    worker.redis.lpush("transcode_queue", nonsense)
    worker.redis.sadd(keys.WORKERS, "worker@liar", b"\xff")
    worker.redis.set(keys.worker("worker@liar"), nonsense)
    taken.begin()
    taken.succeed()
    job.wait_phase("Succeeded")
    eventually(lambda: worker.waiting("transcode_queue") == 2, "the lost message is sent again", timeout_s=60)
    assert "Traceback" not in operator.log.read_text()
    worker.redis.delete("transcode_queue")


def test_it_ends_cleanly_when_told_to(operator: OperatorProcess) -> None:
    assert operator.stop() == 0
    assert "Traceback" not in operator.log.read_text()
