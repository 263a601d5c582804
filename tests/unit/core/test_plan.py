"""What the operator does about a VideoJob, case by case, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.builders import (
    NOW,
    POOLS,
    after,
    completed,
    condition,
    failed,
    job,
    kinds,
    queued,
    run,
    running,
    said,
)
from videojobs_operator.api.videojob import VideoJobStatus
from videojobs_operator.core.decision import SOON_S
from videojobs_operator.core.effects import AddFinalizer, Cancel, Emit, Publish, RemoveFinalizer, Withdraw
from videojobs_operator.core.endings import give_up
from videojobs_operator.core.job import Job, PoolView, TaskView
from videojobs_operator.core.plan import SILENT_S, decide
from videojobs_operator.core.routing import waiting
from videojobs_operator.core.timestamps import to_text
from videojobs_protocol.claims import LEASE_S
from videojobs_protocol.progress import Failure, Output, TaskStatus, WorkerIdentity


def test_a_new_job_is_queued_and_its_message_follows_the_write() -> None:
    new = replace(job(priority=9), finalizers=())
    decision = run(new)
    assert decision.before == (AddFinalizer(),)
    assert kinds(decision.after) == ["Publish", "Queued"]
    publish = decision.after[0]
    assert isinstance(publish, Publish)
    assert (publish.queue, publish.priority, publish.attempt.task_id) == ("transcode_queue", 9, "uid-1")
    assert decision.urgent
    assert {key: decision.status[key] for key in ("phase", "kind", "attempt", "taskID", "observedGeneration")} == {
        "phase": "Queued",
        "kind": "transcode",
        "attempt": 1,
        "taskID": "uid-1",
        "observedGeneration": 3,
    }
    assert condition(decision, "Reconciling") == ("True", "WaitingForWorker")


def test_a_worker_at_it_is_running_with_progress() -> None:
    decision = run(queued(), TaskView(said(progress=42.4, speed=3.14, eta_s=11.6, stage="Encoding"), "uid-1"))
    assert decision.status["phase"] == "Running"
    assert decision.status["worker"]["pod"] == "cpu-1"
    assert decision.status["startTime"] == to_text(NOW)
    progress = decision.status["progress"]
    assert (progress["percent"], progress["speed"], progress["etaSeconds"]) == (42, "3.1x", 12)
    assert kinds(decision.after) == ["Started"]
    assert condition(decision, "Reconciling") == ("True", "Running")


def test_mere_progress_is_not_urgent_and_goes_never_back() -> None:
    one = running()
    decision = run(one, TaskView(said(progress=30.0), "uid-1"))
    assert not decision.urgent
    assert decision.after == ()
    assert decision.status["progress"]["percent"] == 30
    back = run(after(one, decision), TaskView(said(progress=20.0), "uid-1"))
    assert back.status["progress"]["percent"] == 30


def test_nothing_new_changes_nothing() -> None:
    one = running()
    later = TaskView(replace(said(progress=10.0), updated_at=NOW.timestamp() + 5), "uid-1")
    assert run(one, later).status == one.status


def test_success_ends_it() -> None:
    decision = run(running(), completed())
    assert decision.status["phase"] == "Succeeded"
    assert decision.status["outputs"][0]["duration"] == "2.000s"
    assert decision.status["completionTime"] == to_text(NOW)
    assert condition(decision, "Complete") == ("True", "Succeeded")
    assert condition(decision, "Reconciling")[0] == "False"
    assert kinds(decision.after) == ["Succeeded"]
    assert kinds(run(after(running(), decision)).after) == ["RemoveFinalizer"]


def test_whatever_a_worker_says_fits_into_the_status() -> None:
    """What does not fit is refused by the API server, and the job would never end."""
    long = "字" * 10_000
    who = WorkerIdentity(long, pod=long, node=long, gpu=", ".join(["NVIDIA A100-SXM4-80GB"] * 8))
    made = Output("file://" + "%E5" * 4096, 1, "0" * 64, video_codec=long, audio_codec=long)
    failure = Failure(long, long, retryable=False, log_tail=long)
    fields = {"worker": who, "message": long, "details": {"plan": {"strategy": long, "reason": long}}}
    for word in (
        TaskStatus("uid-1", "running", 1e9, stage=long, speed=1e99, **fields),
        TaskStatus("uid-1", "completed", 100.0, outputs=(made,), **fields),
        TaskStatus("uid-1", "failed", failure=failure, **fields),
    ):
        VideoJobStatus.model_validate(run(running(), TaskView(word, "uid-1")).status)


def test_a_status_that_is_refused_ends_the_job_in_words_that_are_taken() -> None:
    decision = give_up(running(), "422 status.worker.gpu: Too long", NOW)
    assert decision.before == (Cancel("uid-1", "transcode_queue"),)
    assert condition(decision, "Failed") == ("True", "InternalError")
    assert "status.worker.gpu: Too long" in decision.status["failure"]["message"]
    assert kinds(decision.after) == ["Failed"]
    assert decision.requeue_after_s == SOON_S


def test_the_workers_choice_is_told_until_another_attempt_makes_its_own() -> None:
    choice = {"strategy": "Smart", "reason": "12 of 212 frames lie around cuts"}
    first = run(running(), TaskView(said(progress=10.0, details={"plan": choice}), "uid-1"))
    assert first.status["plan"] == choice
    failing = run(after(running(), first), failed("StorageUnavailable", retryable=True))
    again = run(after(running(), failing), now=NOW + timedelta(seconds=(failing.requeue_after_s or 0) + 1))
    assert "plan" not in again.status


def test_a_failure_for_good_ends_it_at_once() -> None:
    decision = run(running(), failed("SourceNotFound"))
    assert (decision.status["phase"], decision.status["failed"]) == ("Failed", 1)
    assert decision.status["failure"]["reason"] == "SourceNotFound"
    assert condition(decision, "Failed") == ("True", "SourceNotFound")
    assert condition(decision, "Stalled") == ("True", "SourceNotFound")
    assert kinds(decision.after) == ["Failed"]


def test_a_failure_that_may_pass_is_tried_again_after_a_while() -> None:
    decision = run(running(), failed("StorageUnavailable", retryable=True))
    assert decision.status["phase"] == "Pending"
    assert kinds(decision.after) == ["Retrying"]
    assert decision.requeue_after_s is not None
    assert condition(decision, "Reconciling") == ("True", "BackingOff")
    backing = after(running(), decision)
    again = run(backing, now=NOW + timedelta(seconds=decision.requeue_after_s + 1))
    assert again.status["attempt"] == 2
    assert again.status["failure"]["reason"] == "StorageUnavailable", "why there is a second attempt"
    assert kinds(again.after) == ["Publish", "Queued"]
    assert "failure" not in run(after(backing, again), completed("uid-2")).status


def test_the_backoff_limit_ends_it() -> None:
    decision = run(running(backoffLimit=0), failed("StorageUnavailable", retryable=True))
    assert decision.status["phase"] == "Failed"
    assert condition(decision, "Failed") == ("True", "BackoffLimitExceeded")
    assert decision.status["failure"]["reason"] == "StorageUnavailable"


def test_a_worker_without_a_claim_is_lost_when_that_stays_so() -> None:
    """For a while it may be the moment after its last word, or a Redis that was emptied."""
    silent = TaskView(said(progress=10.0), None)
    first = run(running(), silent)
    assert condition(first, "Reconciling") == ("True", "WorkerSilent")
    one = after(running(), first)
    back = run(one, TaskView(said(progress=10.0), "uid-1"), NOW + timedelta(seconds=SILENT_S - 1))
    assert back.status == running().status
    assert run(one, silent, NOW + timedelta(seconds=SILENT_S - 1)).status["phase"] == "Running"
    second = run(one, silent, NOW + timedelta(seconds=SILENT_S))
    assert second.status["failure"]["reason"] == "WorkerLost"
    assert second.before == (Cancel("uid-1", "transcode_queue"),), "it may be back later, and take its claim again"
    assert kinds(second.after) == ["Retrying"]


def test_the_last_word_of_an_old_attempt_is_ignored() -> None:
    second = replace(running(), status={**queued().status, "attempt": 2, "taskID": "uid-2"})
    assert run(second, completed("uid-1")).status["phase"] == "Queued"


LATER = NOW + timedelta(seconds=11)
SILENT = LATER + timedelta(seconds=SILENT_S)


@pytest.mark.parametrize(
    ("task", "now", "requeue_after_s", "look"),
    [
        (TaskView(), NOW, 10.0, False),
        (TaskView(), LATER, 10.0, True),
        (TaskView(queued=True), LATER, 10.0, False),
        (TaskView(queued=False), LATER, SILENT_S, False),
        (TaskView(queued=False, claimed_by="uid-1"), LATER, 0.5, False),
    ],
)
def test_a_message_is_looked_for_before_it_counts_as_lost(
    task: TaskView, now: datetime, requeue_after_s: float, look: bool
) -> None:
    decision = run(queued(), task, now)
    assert decision.after == ()
    assert (decision.requeue_after_s, decision.look_in_queue) == (requeue_after_s, look)
    assert (decision.status["phase"], decision.status["taskID"]) == ("Queued", "uid-1")


@pytest.mark.parametrize("one", [queued(), running()], ids=["queued", "running"])
def test_what_is_lost_is_sent_again_when_its_worker_could_have_claimed_it_anew(one: Job) -> None:
    """Redis was emptied: a worker that runs makes its claim anew, and must not meet another that took the job."""
    first = run(one, TaskView(queued=False), LATER)
    assert (first.after, first.status["phase"]) == ((), one.phase)
    noted = after(one, first)
    assert run(noted, TaskView(queued=False), SILENT - timedelta(seconds=1)).after == ()
    again = run(noted, TaskView(queued=False), SILENT)
    assert kinds(again.after) == ["Publish", "QueuedAgain"]
    assert (again.status["phase"], again.status["attempt"], again.status["taskID"]) == ("Queued", 1, "uid-1")
    assert not {"worker", "silentTime"} & again.status.keys()


@pytest.mark.parametrize(
    "task", [TaskView(claimed_by="uid-1"), TaskView(queued=True), TaskView(available=False)], ids=repr
)
def test_what_is_found_again_is_not_silent(task: TaskView) -> None:
    one = after(running(), run(running(), TaskView(queued=False), LATER))
    assert "silentTime" in one.status
    decision = run(one, task, SILENT)
    assert "silentTime" not in decision.status
    assert decision.after == ()
    assert decision.status["phase"] == "Running"


@pytest.mark.parametrize(("priority", "effects"), [(5, []), (6, ["Publish", "Withdraw"]), (0, ["Publish", "Withdraw"])])
def test_a_waiting_job_moves_to_its_new_priority(priority: int, effects: list[str]) -> None:
    one = replace(queued(), spec=job(priority=priority).spec, generation=4)
    decision = run(one)
    assert kinds(decision.after) == effects
    assert decision.status["queue"]["priority"] == priority
    assert (decision.status["attempt"], decision.status["taskID"]) == (1, "uid-1")
    if effects:
        publish, withdraw = decision.after
        assert isinstance(publish, Publish)
        assert (publish.priority, publish.attempt.number) == (priority, 1)
        assert withdraw == Withdraw("uid-1", "transcode_queue", priority)
    assert run(after(one, decision)).after == ()
    assert run(one, TaskView(claimed_by="uid-1")).after == (), "a worker has it already"


def test_a_running_job_is_not_sent_for_a_new_priority() -> None:
    one = replace(running(), spec=job(priority=9).spec, generation=4)
    for task in (TaskView(said(progress=20.0), "uid-1"), TaskView()):
        assert run(one, task).after == ()


def test_suspend_cancels_and_resume_begins_anew_without_a_failure() -> None:
    stopped = run(replace(running(), spec=job(suspend=True).spec), TaskView(said(), "uid-1"))
    assert stopped.before == (), "an older version of the job must not stop what runs: it is written first"
    assert stopped.after[0] == Cancel("uid-1", "transcode_queue")
    assert stopped.status["phase"] == "Suspended"
    assert condition(stopped, "Suspended")[0] == "True"
    resumed = run(after(running(), stopped))
    assert (resumed.status["phase"], resumed.status["attempt"]) == ("Queued", 2)
    assert "failed" not in resumed.status
    assert kinds(resumed.after) == ["Publish", "Resumed", "Queued"]
    assert condition(resumed, "Suspended")[0] == "False"


def test_a_worker_that_holds_a_suspended_job_is_told_again() -> None:
    stopped = after(one := running(), run(replace(one, spec=job(suspend=True).spec), TaskView(said(), "uid-1")))
    told = run(replace(stopped, spec=job(suspend=True).spec), TaskView(None, "uid-1"))
    assert told.before == (Cancel("uid-1"),)
    assert told.requeue_after_s is not None
    assert run(replace(stopped, spec=job(suspend=True).spec)).before == ()


def test_a_job_created_suspended_is_not_dispatched() -> None:
    decision = run(job(suspend=True))
    assert decision.status["phase"] == "Suspended"
    assert kinds(decision.after) == ["Suspended"]


def test_deletion_cancels_waits_and_lets_go() -> None:
    one = replace(running(), deletion_time=NOW)
    first = run(one, TaskView(said(), "uid-1"))
    assert first.before == (Cancel("uid-1", "transcode_queue"),)
    assert first.after == ()
    second = run(after(one, first), TaskView(said(), "uid-1"))
    assert RemoveFinalizer() not in second.after
    last = run(after(one, second), TaskView(said("failed"), None))
    assert last.after == (RemoveFinalizer(),)
    assert last.before == first.before, "Redis may have been emptied since, and the worker have its claim again"


def test_deletion_waits_for_redis_no_longer_than_any_worker_can_hold_the_job() -> None:
    """Redis may be gone for good, and its namespace must not be kept by that."""
    one, away = replace(running(), deletion_time=NOW), TaskView(available=False)
    assert run(one, away).after == ()
    assert run(one, away, NOW + timedelta(seconds=2 * LEASE_S - 1)).requeue_after_s == 1
    assert run(one, away, NOW + timedelta(seconds=2 * LEASE_S)).after == (RemoveFinalizer(),)
    late = run(one, TaskView(said(), "uid-1"), NOW + timedelta(seconds=2 * LEASE_S))
    assert late.before == (Cancel("uid-1", "transcode_queue"),), "where a worker can be told it is"
    assert late.after == ()


def test_deletion_of_what_never_began_needs_no_redis() -> None:
    assert run(job(deleting=True), TaskView(available=False)).after == (RemoveFinalizer(),)


def test_the_deadline_ends_it() -> None:
    one = running(activeDeadlineSeconds=60)
    assert run(one, TaskView(said(progress=10.0), "uid-1"), NOW + timedelta(seconds=59)).status["phase"] == "Running"
    decision = run(one, TaskView(said(), "uid-1"), NOW + timedelta(seconds=60))
    assert decision.before == (Cancel("uid-1", "transcode_queue"),)
    assert decision.status["failure"]["reason"] == "DeadlineExceeded"
    assert decision.status["phase"] == "Failed"


def test_a_message_says_how_long_its_worker_may_take_and_no_time_of_the_operators_clock() -> None:
    (first, *_) = run(job(activeDeadlineSeconds=60)).after
    assert isinstance(first, Publish)
    assert first.attempt.timeout_s == 60.0
    failed = TaskView(said("failed", failure=Failure("StorageUnavailable", "gone", retryable=True)), "uid-1")
    retrying = after(one := running(activeDeadlineSeconds=60), run(one, failed, NOW + timedelta(seconds=20)))
    again = run(replace(retrying, status={**retrying.status, "retryTime": None}), now=NOW + timedelta(seconds=25))
    (second, *_) = again.after
    assert isinstance(second, Publish)
    assert second.attempt.timeout_s == 35.0


def test_a_suspend_stops_the_clock_and_the_time_starts_anew() -> None:
    one = running(activeDeadlineSeconds=60)
    stopped = after(one, run(replace(one, spec=job(suspend=True).spec), TaskView(said(), "uid-1")))
    later = NOW + timedelta(seconds=600)
    resumed = after(stopped, run(stopped, now=later))
    assert resumed.phase == "Queued"
    again = TaskView(said(task_id="uid-2"), "uid-2")
    assert run(resumed, again, later).status["startTime"] == to_text(later)


def test_finished_in_time_counts_even_when_seen_late() -> None:
    one = running(activeDeadlineSeconds=60)
    assert run(one, completed(), NOW + timedelta(seconds=600)).status["phase"] == "Succeeded"


def test_the_time_to_live_ends_the_resource() -> None:
    one = replace(running(ttlSecondsAfterFinished=30), finalizers=())
    done = after(one, run(one, completed()), finalizers=())
    assert run(done, now=NOW + timedelta(seconds=29)).requeue_after_s == 1
    assert kinds(run(done, now=NOW + timedelta(seconds=30)).after) == ["DeleteJob"]


@pytest.mark.parametrize(("ttl", "left_s"), [(30, 30), (None, 86_400), ("soon", 86_400)])
def test_what_cannot_be_meant_has_its_time_to_live_too(ttl: object, left_s: float) -> None:
    one = job(transcode={}, **({} if ttl is None else {"ttlSecondsAfterFinished": ttl}))
    failed_at_once = after(one, run(one))
    assert run(one).requeue_after_s == SOON_S, "nobody tells of one's own writes"
    assert run(failed_at_once).requeue_after_s == left_s
    assert "DeleteJob" in kinds(run(failed_at_once, now=NOW + timedelta(seconds=left_s)).after)


@pytest.mark.parametrize("phase", ["Suspended", "Succeeded", "Queued"])
def test_a_change_from_which_nothing_follows_is_seen_all_the_same(phase: str) -> None:
    one = {
        "Suspended": after(job(suspend=True), run(job(suspend=True))),
        "Succeeded": after(running(), run(running(), completed())),
        "Queued": queued(),
    }[phase]
    assert not run(one).urgent
    decision = run(replace(one, generation=4))
    assert (decision.status["observedGeneration"], decision.urgent) == (4, True)
    assert decision.status["phase"] == phase


def test_without_redis_nothing_is_decided_but_told() -> None:
    decision = run(job(), TaskView(available=False))
    assert condition(decision, "Reconciling") == ("True", "BrokerUnavailable")
    assert decision.before == decision.after == ()
    assert decision.status.get("attempt") is None


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (
            {"render": {"scenes": [{"source": {"uri": "file:///media/a"}}], "output": {"uri": "file:///media/a"}}},
            "spec.render.output.uri",
        ),
        (
            {"transcode": {"source": {"uri": "file:///media/a"}, "outputs": [{"uri": "file:///media/a"}]}},
            "spec.transcode.outputs[0].uri",
        ),
        ({"transcode": {"source": {"uri": "file:///media/a"}}}, "spec.transcode.outputs"),
    ],
)
def test_what_cannot_be_meant_fails_with_its_field(spec: dict[str, object], field: str) -> None:
    decision = run(job(**spec))
    assert decision.status["phase"] == "Failed"
    assert decision.status["failure"]["reason"] == "InvalidSpec"
    assert decision.status["failure"]["message"].startswith(field)


GPU_POOLS = (PoolView("n", "g", frozenset({"transcode_queue_gpu"})),)


@pytest.mark.parametrize(
    ("gpu", "pools", "queue", "reason"),
    [
        ("Never", POOLS, "transcode_queue", "WaitingForWorker"),
        ("Never", (), "transcode_queue", "NoWorkerPool"),
        ("Preferred", POOLS, "transcode_queue", "WaitingForWorker"),
        ("Required", POOLS, "transcode_queue_gpu", "NoWorkerPool"),
        ("Required", GPU_POOLS, "transcode_queue_gpu", "WaitingForWorker"),
        ("Preferred", GPU_POOLS, "transcode_queue_gpu", "WaitingForWorker"),
        (
            "Required",
            (PoolView("n", "g", frozenset({"transcode_queue_gpu"}), "0/2 nodes: Insufficient nvidia.com/gpu"),),
            "transcode_queue_gpu",
            "WaitingForCapacity",
        ),
    ],
)  # fmt: skip
def test_a_job_goes_to_its_queue_and_says_why_it_waits(
    gpu: str, pools: tuple[PoolView, ...], queue: str, reason: str
) -> None:
    decision = decide(job(gpu=gpu), TaskView(), pools, NOW)
    assert decision.status["queue"]["name"] == queue
    assert condition(decision, "Reconciling") == ("True", reason)


views = st.builds(
    TaskView,
    status=st.none()
    | st.builds(
        said,
        st.sampled_from(["queued", "running", "completed", "failed"]),
        st.sampled_from(["uid-1", "uid-2", "uid-3"]),
        progress=st.floats(0, 100),
    ),
    claimed_by=st.sampled_from([None, "uid-1", "uid-2", "uid-3"]),
    queued=st.sampled_from([None, True, False]),
    available=st.booleans(),
)


@given(st.lists(st.tuples(views, st.integers(0, 400), st.booleans()), max_size=30))
def test_whatever_is_seen_attempts_count_up_and_an_end_is_an_end(steps: list[tuple[TaskView, int, bool]]) -> None:
    one, now = job(), NOW
    for view, seconds, suspend in steps:
        now += timedelta(seconds=seconds)
        one = replace(one, spec=job(suspend=suspend).spec)
        decision = run(one, view, now)
        _check_step(one, view, decision.status, [each for each in decision.after if isinstance(each, Publish)])
        one = after(one, decision)


def _check_step(one: Job, view: TaskView, status: dict[str, object], sent: list[Publish]) -> None:
    before, now = int(one.status.get("attempt", 0)), int(status.get("attempt") or 0)  # type: ignore[call-overload]
    assert now in (before, before + 1)
    assert len(sent) <= 1
    assert all(publish.attempt.number == now and status["taskID"] == publish.attempt.task_id for publish in sent)
    if one.finished:
        assert status == one.status
        assert not sent
    if not view.available:
        assert not sent


@pytest.mark.parametrize(
    ("gpu", "way_out"),
    [
        ("Never", "add the queue to the spec.queues of a pool"),
        ("Required", "such as the chart's pools.gpu (docs/how-to/gpu-pool.md)"),
    ],
)
def test_a_job_that_no_pool_serves_says_the_way_out_in_an_event_too(gpu: str, way_out: str) -> None:
    decision = decide(job(gpu=gpu), TaskView(), (), NOW)
    (warning,) = [effect for effect in decision.after if isinstance(effect, Emit) and effect.type == "Warning"]
    assert warning.reason == "NoWorkerPool"
    assert warning.message.endswith(way_out)


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        ("caption_queue", "Whisper"),
        ("caption_queue_gpu", "Whisper"),
        ("render_queue_gpu", "GPU"),
        ("render_queue", "add"),
    ],
)
def test_not_every_pool_is_offered_for_a_queue(queue: str, words: str) -> None:
    assert words in waiting(queue, ()).message
