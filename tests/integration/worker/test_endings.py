"""The last message on a direct task's channel says ``completed`` or ``failed``, however its process ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis.client import PubSub

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from videojobs_protocol import keys
from videojobs_protocol.progress import Failure, TaskStatus
from videojobs_worker.tasks.endings import end


class Listener:
    """Hears what is said of a task."""

    def __init__(self, pubsub: PubSub, task_id: str) -> None:
        self._pubsub = pubsub
        pubsub.subscribe(keys.task_progress(task_id))

    def until_final(self) -> list[TaskStatus]:
        heard: list[TaskStatus] = []

        def listen() -> list[TaskStatus]:
            message = self._pubsub.get_message(ignore_subscribe_messages=True, timeout=0.1)
            heard.extend([TaskStatus.from_json(message["data"])] if message else [])
            return heard

        return eventually(listen, lambda seen: seen and seen[-1].final, within_s=60)

    def silent(self) -> bool:
        """Whether nothing more comes."""
        return self._pubsub.get_message(ignore_subscribe_messages=True, timeout=1) is None


@pytest.fixture
def listen(bench: Bench) -> Callable[[str], Listener]:
    return lambda task_id: Listener(bench.client.pubsub(), task_id)


def send(bench: Bench, sources: Path, task_id: str) -> Any:
    arguments = [str(sources / "long.mp4"), {"codec": "h265"}]
    return bench.app.send_task("transcode_task", arguments, queue="transcode_queue", task_id=task_id)


def left(bench: Bench) -> list[str]:
    return [name for name in bench.files() if not name.endswith(".log") and "heartbeat" not in name]


def test_a_task_that_is_revoked_while_it_runs(
    own_worker: CeleryWorker, bench: Bench, sources: Path, listen: Callable[[str], Listener]
) -> None:
    listener = listen("revoked")
    send(bench, sources, "revoked")
    bench.until_encoding("revoked")
    bench.app.control.revoke("revoked", terminate=True)
    last = listener.until_final()[-1]
    assert (last.status, last.failure and last.failure.reason) == ("failed", "Cancelled")
    assert last.progress > 2
    assert bench.status("revoked") == last
    eventually(own_worker.ffmpegs, lambda found: not found, within_s=10)
    eventually(lambda: left(bench), lambda found: not found, within_s=10)
    assert listener.silent()


def test_a_task_that_is_revoked_before_it_begins(
    own_worker: CeleryWorker, bench: Bench, sources: Path, listen: Callable[[str], Listener]
) -> None:
    eventually(lambda: bench.heartbeat(own_worker))
    assert bench.app.control.revoke("unwanted", reply=True, timeout=10, limit=1)
    listener = listen("unwanted")
    send(bench, sources, "unwanted")
    (only,) = listener.until_final()
    assert (only.status, only.failure and only.failure.reason) == ("failed", "Cancelled")
    assert left(bench) == []


def test_a_task_whose_process_is_killed(
    own_worker: CeleryWorker, bench: Bench, sources: Path, listen: Callable[[str], Listener]
) -> None:
    listener = listen("killed")
    send(bench, sources, "killed")
    bench.until_encoding("killed")
    own_worker.ffmpegs()[0].parent().kill()
    last = listener.until_final()[-1]
    assert (last.status, last.failure and last.failure.reason) == ("failed", "WorkerLost")
    eventually(own_worker.ffmpegs, lambda found: not found, within_s=10)


def test_a_task_that_breaks_before_its_work_begins(
    own_worker: CeleryWorker, bench: Bench, listen: Callable[[str], Listener]
) -> None:
    listener = listen("broken")
    bench.app.send_task("transcode_task", ["/a.mp4", {}, "one too many"], queue="transcode_queue", task_id="broken")
    (only,) = listener.until_final()
    assert only.failure is not None
    assert "takes" in only.message


def test_an_attempt_of_a_videojob_is_left_to_the_operator(
    own_worker: CeleryWorker, bench: Bench, sources: Path, listen: Callable[[str], Listener]
) -> None:
    """It waits for the claim to run out; a word before that would have it try while the claim is held."""
    eventually(lambda: bench.heartbeat(own_worker))
    assert bench.app.control.revoke("left-1", reply=True, timeout=10, limit=1)
    bench.app.send_task("videojobs.run_attempt", args=[{}], queue="transcode_queue", task_id="left-1")
    eventually(lambda: bench.client.llen("transcode_queue"), lambda length: length == 0)
    send(bench, sources, "after")
    bench.until_encoding("after")
    assert bench.status("left-1") is None


@pytest.mark.parametrize("state", ["completed", "failed"])
def test_a_last_word_that_was_said_stays(bench: Bench, state: Any) -> None:
    said = TaskStatus("said", state, 100)
    bench.client.set(keys.task_status("said"), said.to_json())
    end(bench.client, "said", Failure("WorkerLost", "too late", retryable=True))
    assert bench.status("said") == said
