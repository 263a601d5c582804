"""What a user sees with kubectl alone: get -w, wait, describe, explain, delete, suspend."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.videojobs import World, condition, eventually, slow, transcode


@contextmanager
def watching(world: World) -> Iterator[list[list[str]]]:
    """The columns that `kubectl get videojobs -w` prints, line by line; it has begun, as a job that waits shows."""
    world.apply("waits", slow(world, "waits") | {"suspend": True})
    world.until_phase("waits", "Suspended", within_s=20)
    command = ["kubectl", "-n", world.namespace, "get", "videojobs", "-w", "--no-headers"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=world.cluster.environment)
    lines: list[list[str]] = []

    def read() -> None:
        assert process.stdout
        lines.extend(line.split() for line in process.stdout)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        eventually(lambda: lines, bool, within_s=30)
        yield lines
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
        if process.stdout:
            process.stdout.close()


def test_watch_tells_the_whole_story(world: World) -> None:
    with watching(world) as lines:
        world.apply("story", slow(world, "story"))
        world.until_phase("story", "Succeeded", within_s=240)
    phases: list[str] = []
    percents: list[int] = []
    for line in (line for line in lines if line[0] == "story"):
        named = [word for word in line if word in {"Pending", "Queued", "Running", "Succeeded", "Failed"}]
        phases += [word for word in named if not phases or phases[-1] != word]
        if "Running" in line:
            percents += [int(word) for word in line[line.index("Running") + 1 :][:1] if word.isdigit()]
    assert phases == ["Pending", "Queued", "Running", "Succeeded"]
    assert percents == sorted(percents)
    assert len(set(percents)) >= 5


def test_wait_describe_and_the_file(world: World) -> None:
    world.apply("trailer", transcode(f"{world.sources}/clip-a.mp4", f"{world.folder}/t.mp4", height=360))
    world.kubectl("wait", "videojob/trailer", "--for=condition=Complete", "--timeout=180s", timeout_s=200)
    status = world.status("trailer")
    assert status["phase"] == "Succeeded"
    assert [output["uri"] for output in status["outputs"]] == [f"{world.folder}/t.mp4"]
    assert (status["outputs"][0]["width"], status["outputs"][0]["height"]) == (640, 360)
    assert condition(status, "Reconciling")["status"] == "False"
    assert f"/media/{world.namespace}/t.mp4" in world.files()
    described = world.kubectl("describe", "videojob", "trailer")
    for word in ("Queued", "Started", "Succeeded", status["outputs"][0]["sha256"], "transcode_queue"):
        assert word in described


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("videojob.spec", "Set|exactly|render|backoffLimit"),
        ("videojob.spec.render.scenes", "start|end|source"),
        ("videojob.status.progress", "percent|stage"),
        ("workerpool.spec.scaling", "minReplicas|idleSeconds"),
    ],
)
def test_explain_reads_well(world: World, field: str, words: str) -> None:
    text = world.kubectl("explain", field)
    assert "<no description>" not in text
    assert any(word in text for word in words.split("|"))


def test_delete_in_mid_run_leaves_no_ffmpeg_and_no_file(world: World) -> None:
    world.apply("gone", slow(world, "gone"))
    world.until_encoding("gone")
    assert world.ffmpegs() >= 1
    world.kubectl("delete", "videojob", "gone", "--wait=false")
    eventually(world.ffmpegs, lambda count: count == 0, within_s=5)
    eventually(lambda: world.kubectl("get", "videojobs", "-o", "name"), lambda text: not text, within_s=10)
    assert world.files() == []


def test_suspend_stops_and_resume_begins_anew(world: World) -> None:
    world.apply("paused", slow(world, "paused"))
    world.until_encoding("paused")
    world.kubectl("patch", "videojob", "paused", "--type=merge", "-p", '{"spec":{"suspend":true}}')
    status = world.until_phase("paused", "Suspended", within_s=20)
    assert condition(status, "Suspended")["status"] == "True"
    eventually(world.ffmpegs, lambda count: count == 0, within_s=5)
    world.kubectl("patch", "videojob", "paused", "--type=merge", "-p", '{"spec":{"suspend":false}}')
    status = world.until_phase("paused", "Succeeded", within_s=240)
    assert status["attempt"] == 2
    assert not status.get("failed")
    assert condition(status, "Suspended")["status"] == "False"


def test_a_job_created_suspended_waits(world: World) -> None:
    world.apply("later", slow(world, "later") | {"suspend": True})
    status = world.until_phase("later", "Suspended", within_s=20)
    assert not status.get("attempt")
    assert world.files() == []
