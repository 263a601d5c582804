"""A job that does not fit on a volume is refused before it works; two that fit only one at a time take turns."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.web_server import Resource, WebServer
from videojobs_protocol import keys
from videojobs_protocol.progress import Failure
from videojobs_protocol.work import MediaOutput, Preview, Render, Scene, Transcode, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.addresses import reach
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.reservation import Reservation

QUEUE = "room"
#: A film of 40 s at 4 Mbit/s has 20 MB; two have more than the volume.
LARGE = VideoSettings(height=360, bitrate_bps=4_000_000)
VOLUME_MB = 32


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("volume")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={VOLUME_MB}m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], volume: Path) -> Iterator[CeleryWorker]:
    """Two jobs at once, whose outputs go to a small volume."""
    roots = f"{volume}:{environment['VIDEOJOBS_MEDIA_ROOTS']}"
    running = CeleryWorker({**environment, "VIDEOJOBS_MEDIA_ROOTS": roots})
    running.start(concurrency=2, queues=QUEUE)
    yield running
    running.stop()


def transcode(sources: Path, output: Path, video: VideoSettings) -> Transcode:
    return Transcode(f"file://{sources}/long.mp4", (MediaOutput(f"file://{output}", "mp4", video),))


def disk_full(failure: Failure | None) -> str:
    assert failure is not None
    assert (failure.reason, failure.retryable) == ("DiskFull", True)
    return failure.message


def test_what_cannot_fit_is_refused_before_it_is_encoded(
    worker: CeleryWorker, bench: Bench, sources: Path, volume: Path
) -> None:
    status = bench.run(transcode(sources, volume / "out.mp4", VideoSettings(bitrate_bps=40_000_000)), queue=QUEUE)
    message = disk_full(status.failure)
    assert message.startswith(f"{volume}: the job needs about 200.6 MB on this volume and 33.")
    assert status.failure is not None
    assert status.failure.log_tail == ""  # ffmpeg was not asked
    assert [path.name for path in volume.iterdir() if path.is_file()] == []


def test_two_that_fit_only_one_at_a_time_take_turns(
    worker: CeleryWorker, bench: Bench, sources: Path, volume: Path
) -> None:
    first = bench.send(transcode(sources, volume / "first.mp4", LARGE), queue=QUEUE)
    eventually(lambda: bench.status(first.task_id), lambda seen: seen and seen.stage == "Encoding")
    second = transcode(sources, volume / "second.mp4", LARGE)
    assert "promised to another job that runs" in disk_full(bench.run(second, queue=QUEUE).failure)
    bench.client.set(keys.cancel(first.task_id), 1)
    bench.until_final(first.task_id)
    (volume / "first.mp4").unlink(missing_ok=True)
    done = bench.run(second, queue=QUEUE)
    assert done.status == "completed", done.failure
    (volume / "second.mp4").unlink()


def test_small_work_goes_on_beside_large(worker: CeleryWorker, bench: Bench, sources: Path, volume: Path) -> None:
    first = bench.send(transcode(sources, volume / "first.mp4", LARGE), queue=QUEUE)
    eventually(lambda: bench.status(first.task_id), lambda seen: seen and seen.stage == "Encoding")
    beside = bench.run(Preview(f"file://{sources}/long.mp4", f"file://{volume}/frames", 3), queue=QUEUE)
    assert beside.status == "completed", beside.failure
    bench.client.set(keys.cancel(first.task_id), 1)
    bench.until_final(first.task_id)
    (volume / "first.mp4").unlink(missing_ok=True)


def test_a_volume_mounted_below_a_root_has_one_ledger(volume: Path) -> None:
    folders = [volume / "deep" / "er", volume / "other"]
    for folder in folders:
        folder.mkdir(parents=True)
    with Reservation("first", [volume.parent]) as first, Reservation("second", [volume.parent]) as second:
        first.hold([Need(folders[0] / "a", 20_000_000)])
        with pytest.raises(JobError, match="promised to another job that runs"):
            second.hold([Need(folders[1] / "a", 20_000_000)])
    assert [list(folder.iterdir()) for folder in folders] == [[], []]


def test_a_source_without_room_is_not_fetched(volume: Path) -> None:
    with WebServer() as server:
        server.resources["/a"] = Resource(bytes((VOLUME_MB + 1) << 20))
        with pytest.raises(JobError) as caught:
            Places((), reach(["127.0.0.1"]), 10**9).source(server.url("/a"), volume, Stopper(), lambda *_: None)
    disk_full(Failure(caught.value.reason, caught.value.message, caught.value.retryable))


def test_a_disk_that_fills_meanwhile_is_called_full_at_once(volume: Path) -> None:
    with WebServer() as server:
        server.resources["/a"] = Resource(endless=True)
        with pytest.raises(JobError) as caught:
            Places((), reach(["127.0.0.1"]), 10**9).source(server.url("/a"), volume, Stopper(), lambda *_: None)
        assert len(server.asked) == 1
    disk_full(Failure(caught.value.reason, caught.value.message, caught.value.retryable))
    for path in volume.glob("source-*"):
        path.unlink()


def test_parts_count_where_the_scratch_folder_lies(
    environment: dict[str, str], bench: Bench, sources: Path, volume: Path
) -> None:
    """The output lies on another volume; what it is joined of does not fit."""
    running = CeleryWorker({**environment, "TEMP_DIR": str(volume / "temp")})
    running.start(queues="scratch-room")
    scenes = tuple(Scene(f"file://{sources}/long.mp4", number, number + 2) for number in range(17))
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=360, bitrate_bps=8_000_000, fps=10))
    failure = bench.run(Render(scenes, output), queue="scratch-room").failure
    running.stop()
    shutil.rmtree(volume / "temp")
    message = disk_full(failure)
    assert message.startswith(f"{volume}"), message
    assert failure is not None
    assert failure.log_tail == ""
