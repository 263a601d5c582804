"""One job, one commit: whatever is sent twice, killed, cancelled or stopped."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from celery import Celery

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.claims import LEASE_S
from videojobs_protocol.progress import Output
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings
from videojobs_worker.heartbeat import heartbeat_file
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import load
from videojobs_worker.storage.file_target import FileTarget
from videojobs_worker.storage.hashing import sha256_of
from videojobs_worker.storage.manifest import commit
from videojobs_worker.storage.target import StagedOutput


def slow(bench: Bench, sources: Path) -> Transcode:
    video = VideoSettings(codec="h265")
    return Transcode(f"file://{sources}/long.mp4", (MediaOutput(bench.uri("out.mp4"), video=video),))


def outputs(bench: Bench) -> list[str]:
    return [name for name in bench.files() if not name.startswith(("temp/", "temp2/"))]


def test_a_cancelled_job_leaves_no_process_and_no_file(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    attempt = bench.send(slow(bench, sources))
    bench.until_encoding(attempt.task_id)
    assert own_worker.ffmpegs()
    bench.client.set(keys.cancel(attempt.task_id), 1)
    eventually(own_worker.ffmpegs, lambda found: not found, within_s=5)
    status = bench.until_final(attempt.task_id)
    assert status.failure is not None
    assert status.failure.reason == "Cancelled"
    eventually(lambda: bench.client.exists(keys.claim(attempt.job_uid)), lambda there: not there)
    assert outputs(bench) == []


def test_a_job_cancelled_before_it_began_never_begins(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    bench.client.set(keys.cancel("unwanted-1"), 1)
    bench.send(slow(bench, sources), uid="unwanted")
    status = bench.until_final("unwanted-1")
    assert status.failure is not None
    assert status.failure.reason == "Cancelled"
    assert outputs(bench) == []


def test_after_kill_9_the_next_attempt_commits_once(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    attempt = bench.send(slow(bench, sources))
    bench.until_encoding(attempt.task_id)
    own_worker.kill_9()
    eventually(own_worker.ffmpegs, lambda found: not found, within_s=5)
    bench.client.delete(keys.claim(attempt.job_uid))  # as its lease does after 15 s
    own_worker.start()
    quick = Transcode(f"file://{sources}/clip.mp4", slow(bench, sources).outputs)
    second = bench.send(quick, uid=attempt.job_uid, number=2)
    assert bench.until_final(second.task_id).status == "completed"
    assert outputs(bench) == [f".videojobs/{attempt.job_uid}.json", "out.mp4"]


@pytest.mark.parametrize("number", [1, 2], ids=["the same message again", "the next attempt"])
def test_a_worker_that_was_cut_off_leaves_its_successor_alone(
    own_worker: CeleryWorker, bench: Bench, sources: Path, number: int
) -> None:
    video = VideoSettings(width=640)
    work = Transcode(f"file://{sources}/long.mp4", (MediaOutput(bench.uri("out.mp4"), video=video),))
    first = bench.send(work)
    bench.until_encoding(first.task_id)
    for process in (family := [psutil.Process(own_worker.pid), *psutil.Process(own_worker.pid).children(True)]):
        process.suspend()
    bench.client.delete(keys.claim(first.job_uid), keys.task_status(first.task_id))  # as after 15 s
    before = set(outputs(bench))
    successor = CeleryWorker({**own_worker.environment, "TEMP_DIR": str(bench.folder / "temp2")})
    try:
        successor.start(queues="successor")
        second = bench.send(work, uid=first.job_uid, number=number, queue="successor")
        bench.until_encoding(second.task_id)
        (draft,) = set(outputs(bench)) - before
        for process in family:
            process.resume()
        eventually(lambda: before & set(outputs(bench)), lambda left: not left)
        assert outputs(bench) == [draft]
        assert bench.until_final(second.task_id, within_s=120).status == "completed"
        eventually(lambda: outputs(bench), lambda left: left == [f".videojobs/{first.job_uid}.json", "out.mp4"])
    finally:
        successor.stop()


def test_an_emptied_redis_stops_nothing_that_runs(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    settings = VideoSettings(width=320)
    work = Transcode(f"file://{sources}/long.mp4", (MediaOutput(bench.uri("out.mp4"), video=settings),))
    attempt = bench.send(work)
    bench.until_encoding(attempt.task_id)
    bench.client.flushdb()
    eventually(lambda: bench.client.hgetall(keys.claim(attempt.job_uid)))
    assert bench.until_final(attempt.task_id).status == "completed"
    assert outputs(bench) == [f".videojobs/{attempt.job_uid}.json", "out.mp4"]


def test_a_redis_that_is_away_for_longer_than_a_lease_stops_nothing_that_runs(
    environment: dict[str, str], sources: Path, tmp_path: Path
) -> None:
    """It comes back empty, as one without a disk does; the job ends while it is away, and waits with its commit."""
    with RedisServer() as server:
        own = {**environment, "REDIS_URL": server.url, "TEMP_DIR": str(tmp_path / "temp")}
        cut_off, app = CeleryWorker(own), Celery("test", broker=server.url, set_as_current=False)
        bench = Bench(tmp_path, server.client(), app, own)
        cut_off.start()
        work = Transcode(f"file://{sources}/long.mp4", (MediaOutput(bench.uri("out.mp4")),))
        try:
            attempt = bench.send(work)
            bench.until_encoding(attempt.task_id)
            server.stop()
            gone = time.monotonic()
            eventually(lambda: time.monotonic() - gone > LEASE_S + 5 and not cut_off.ffmpegs(), within_s=120)
            assert "out.mp4" not in bench.files()
            server.start()
            assert bench.until_final(attempt.task_id).status == "completed"
            assert outputs(bench) == [f".videojobs/{attempt.job_uid}.json", "out.mp4"]
        finally:
            cut_off.stop()
            app.close()
            bench.client.close()


def test_a_commit_that_a_crash_cut_in_half_is_finished(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    final = bench.folder / "out.mp4"
    target = FileTarget(final)
    staged = target.draft("halved", "1-00000001", bench.folder)
    shutil.copyfile(sources / "clip.mp4", staged)
    made = target.stage(staged, "halved", "1-00000001", Stopper())
    output = Output(bench.uri("out.mp4"), staged.stat().st_size, made.sha256)
    commit("halved", 1, [StagedOutput(target, made.name, output)])
    final.rename(staged)
    status = bench.run(slow(bench, sources), uid="halved", number=2)
    assert (status.status, status.outputs) == ("completed", (output,))
    assert sha256_of(final, Stopper()) == output.sha256
    assert outputs(bench) == [".videojobs/halved.json", "out.mp4"]


@pytest.mark.parametrize(
    ("task", "more", "variable"),
    [
        ("transcode_task", {"codec": "h265"}, "TRANSCODE_TIMEOUT"),
        ("generate_preview_task", 1000, "PREVIEW_TIMEOUT"),
    ],
)
def test_a_plain_task_has_its_kinds_time(
    environment: dict[str, str], bench: Bench, sources: Path, task: str, more: object, variable: str
) -> None:
    own = bench.folder / "temp"
    impatient = CeleryWorker({**environment, "TEMP_DIR": str(own), variable: "1"})
    impatient.start(queues="impatient")
    try:
        result = bench.app.send_task(task, [str(sources / "long.mp4"), more], queue="impatient")
        with pytest.raises(Exception, match="DeadlineExceeded: it ran past its deadline"):
            result.get(timeout=90)
        assert impatient.ffmpegs() == []
        made = [path for folder in ("renders", "previews") for path in (own / folder).rglob("*")]
        assert [path for path in made if path.is_file()] == []
    finally:
        impatient.stop()


def test_a_late_message_brings_no_failed_attempt_back(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    work = Transcode(bench.uri("late.mp4"), (MediaOutput(bench.uri("out.mp4")),))
    failed = bench.run(work, uid="late")
    assert failed.failure is not None
    shutil.copyfile(sources / "clip.mp4", bench.folder / "late.mp4")
    bench.send(work, uid="late")
    assert bench.run(work, uid="late", number=2).status == "completed"
    assert bench.status("late-1") == failed


def test_messages_that_come_twice_run_once(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    work = Transcode(f"file://{sources}/clip.mp4", (MediaOutput(bench.uri("out.mp4")),))
    for _ in range(3):
        attempt = bench.send(work, uid="twice")
    first = bench.until_final(attempt.task_id)
    made = (bench.folder / "out.mp4").stat()
    eventually(lambda: bench.client.llen("transcode_queue"), lambda left: left == 0)
    eventually(lambda: bench.heartbeat(own_worker), lambda beat: beat and not beat.running)
    assert (bench.folder / "out.mp4").stat().st_mtime_ns == made.st_mtime_ns
    assert bench.status(attempt.task_id) == first


def test_sigterm_finishes_what_runs_and_takes_no_more(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    work = Transcode(
        f"file://{sources}/long.mp4", (MediaOutput(bench.uri("first.mp4"), video=VideoSettings(width=320)),)
    )
    first = bench.send(work)
    bench.until_encoding(first.task_id)
    second = bench.send(Transcode(f"file://{sources}/clip.mp4", (MediaOutput(bench.uri("second.mp4")),)))
    assert own_worker.process
    own_worker.process.terminate()
    assert own_worker.process.wait(60) == 0
    status = bench.status(first.task_id)
    assert status is not None
    assert status.status == "completed"
    assert bench.status(second.task_id) is None
    assert bench.client.llen("transcode_queue") == 1


def test_a_worker_tells_what_it_runs(own_worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    idle = eventually(lambda: bench.heartbeat(own_worker))
    assert idle is not None
    assert (idle.running, idle.concurrency, idle.draining) == ((), 1, False)
    assert "transcode_queue" in idle.queues
    assert idle.idle_since
    attempt = bench.send(slow(bench, sources))
    eventually(lambda: bench.heartbeat(own_worker), lambda beat: beat and beat.running == (attempt.task_id,))
    bench.client.set(keys.cancel(attempt.task_id), 1)
    eventually(lambda: bench.heartbeat(own_worker), lambda beat: beat and not beat.running)


def test_a_worker_whose_redis_is_gone_still_leaves_when_told(environment: dict[str, str], tmp_path: Path) -> None:
    with RedisServer() as server:
        lonely = CeleryWorker({**environment, "REDIS_URL": server.url, "TEMP_DIR": str(tmp_path / "temp")})
        lonely.start()
        with server.client() as client:
            eventually(lambda: client.exists(keys.worker(lonely.name)))
    assert lonely.process
    lonely.process.terminate()
    assert lonely.process.wait(40) == 0


def test_a_worker_whose_redis_never_answers_is_healthy(environment: dict[str, str], tmp_path: Path) -> None:
    """From its start: a restart would not bring Redis back, and would cost what the worker is doing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        waiting = CeleryWorker({**environment, "REDIS_URL": url, "TEMP_DIR": str(tmp_path / "temp")})
        waiting.start()
        file = heartbeat_file(load(waiting.environment))
        eventually(file.exists)
        first = file.stat().st_mtime_ns
        eventually(lambda: file.stat().st_mtime_ns, lambda latest: latest > first)
        health = [sys.executable, "-m", "videojobs_worker.health"]
        assert subprocess.run(health, env=waiting.environment, check=False).returncode == 0
        waiting.kill_9()
