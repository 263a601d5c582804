"""Direct tasks whose error may pass are tried again, and say so; others fail at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.web_server import Resource, WebServer
from videojobs_protocol.progress import TaskStatus

TIMEOUT_S = 90


@pytest.fixture(scope="module")
def worker(environment: dict[str, str]) -> Iterator[CeleryWorker]:
    """One that may fetch from this machine."""
    running = CeleryWorker({**environment, "VIDEOJOBS_HTTP_ALLOW": "127.0.0.1"})
    running.start(queues="retries")
    yield running
    running.stop()


@pytest.fixture
def web(sources: Path) -> Iterator[WebServer]:
    """It has the clip, and is overloaded."""
    with WebServer() as server:
        server.resources["/clip.mp4"] = Resource((sources / "clip.mp4").read_bytes(), status=503)
        yield server


def send(bench: Bench, task: str, *arguments: Any) -> Any:
    return bench.app.send_task(task, arguments, queue="retries")


def until_retrying(bench: Bench, task_id: str) -> TaskStatus:
    status = eventually(lambda: bench.status(task_id), lambda seen: seen and seen.status == "retrying", TIMEOUT_S)
    assert status
    return status


def test_an_error_that_passes_is_tried_again(worker: CeleryWorker, bench: Bench, web: WebServer) -> None:
    result = send(bench, "transcode_task", web.url("/clip.mp4"), {"height": 90})
    status = until_retrying(bench, result.id)
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("StorageUnavailable", True)
    assert "503" in status.message
    web.resources["/clip.mp4"].status = 200
    assert Path(result.get(timeout=TIMEOUT_S)["output_path"]).is_file()
    assert bench.until_final(result.id).status == "completed"


def test_a_corrupt_source_fails_at_once_in_ffprobes_words(worker: CeleryWorker, bench: Bench) -> None:
    (bench.folder / "corrupt.mp4").write_bytes(b"this is no film")
    result = send(bench, "transcode_task", str(bench.folder / "corrupt.mp4"), {})
    with pytest.raises(Exception, match=r"SourceNotMedia: .*Invalid data found when processing input"):
        result.get(timeout=TIMEOUT_S)
    status = bench.until_final(result.id)
    assert (status.status, status.failure and status.failure.retryable) == ("failed", False)


def test_a_batch_tries_again_what_may_pass_and_makes_nothing_twice(
    worker: CeleryWorker, bench: Bench, web: WebServer, sources: Path
) -> None:
    def job(path: str) -> Any:
        return {"scenes": [{"video_path": path, "start_time": 0, "end_time": 0.5}], "output_format": {"height": 90}}

    clip, missing = str(sources / "clip.mp4"), str(sources / "nowhere.mp4")
    entries = [job(clip), "no job", job(missing), job(web.url("/clip.mp4")), job(clip)]
    result = send(bench, "batch_render_task", entries)
    eventually(lambda: bench.status(result.id), lambda seen: seen and seen.message == "3 of 5", TIMEOUT_S)
    assert bench.status(result.id).progress == pytest.approx(60)  # type: ignore[union-attr]
    assert until_retrying(bench, result.id).message.startswith("1 of 5 are tried again: StorageUnavailable")
    first = bench.until_final(f"{result.id}-0").outputs[0]
    made = Path(first.uri.removeprefix("file://")).stat()
    web.resources["/clip.mp4"].status = 200
    told = result.get(timeout=TIMEOUT_S)
    assert ["output_path" in entry for entry in told] == [True, False, False, True, True]
    assert told[1]["error"] == "job_data: 'no job' is not a mapping"
    assert told[2]["error"] == f"Video file not found: {missing}"
    assert Path(told[0]["output_path"]).stat().st_mtime_ns == made.st_mtime_ns
    last = bench.until_final(result.id)
    assert (last.status, last.progress, last.message) == ("completed", 100, "3 of 5 made")
    assert [output.uri.removeprefix("file://") for output in last.outputs] == [
        entry["output_path"] for entry in told if "output_path" in entry
    ]
