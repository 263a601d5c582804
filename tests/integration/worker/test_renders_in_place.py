"""A render of little of what lies on a server reads little of it, and makes the same as of a local file."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support import clips, measure
from tests.support.ffmpeg import ffmpeg
from tests.support.s3_server import BUCKET, S3Server
from tests.support.web_server import Resource, WebServer
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Render, Scene, Transcode, VideoSettings

QUEUE = "in-place"
LITTLE = 0.2


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], s3_server: S3Server) -> Iterator[CeleryWorker]:
    """One that may reach this machine."""
    running = CeleryWorker({**environment, **s3_server.environment, "VIDEOJOBS_HTTP_ALLOW": "127.0.0.1"})
    running.start(queues=QUEUE)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Seven minutes of which every ten seconds are the same, with the index last, first, and of Matroska."""
    folder = tmp_path_factory.mktemp("films")
    clips.clip(folder / "clip.mp4", size="1280x720")
    clips.clip(folder / "silent.mp4", seconds=10, size="1280x720", gop=50, sound=False)
    looped = ("-stream_loop", "44", "-i", str(folder / "silent.mp4"))
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=450")
    for name, options in {"last.mp4": (), "first.mp4": ("-movflags", "+faststart"), "film.mkv": ()}.items():
        ffmpeg(*looped, *tone, "-c:v", "copy", "-c:a", "aac", *options, str(folder / name))
    yield folder
    shutil.rmtree(folder)  # some hundred megabytes


def render(bench: Bench, name: str, *scenes: Scene, height: int | None = None) -> TaskStatus:
    status = bench.run(Render(scenes, MediaOutput(bench.uri(name), video=VideoSettings(height=height))), queue=QUEUE)
    assert status.status == "completed", status.failure
    return status


def frames(bench: Bench, name: str) -> object:
    return measure.frame_hashes(bench.folder / name)


@pytest.mark.parametrize(("height", "strategy"), [(None, "Smart"), (180, "Full")])
@pytest.mark.parametrize("name", ["last.mp4", "first.mp4", "film.mkv"])
def test_a_render_of_little_reads_little(
    worker: CeleryWorker, bench: Bench, server: WebServer, films: Path, name: str, height: int | None, strategy: str
) -> None:
    size = (films / name).stat().st_size
    server.resources["/film"] = Resource((films / name).read_bytes())
    times = [(100.5, 126.0), (200.2, 225.5)]
    far = render(bench, "far.mp4", *(Scene(server.url("/film"), *each) for each in times), height=height)
    near = render(bench, "near.mp4", *(Scene(f"file://{films / name}", *each) for each in times), height=height)
    assert far.details["plan"]["strategy"] == near.details["plan"]["strategy"] == strategy
    assert frames(bench, "far.mp4") == frames(bench, "near.mp4")
    assert far.details["read"] == {"bytes": server.sent, "of": size}
    assert server.sent < LITTLE * size


def test_so_does_one_from_s3_beside_a_local_source(
    worker: CeleryWorker, bench: Bench, s3_server: S3Server, films: Path
) -> None:
    s3_server.client().upload_file(str(films / "last.mp4"), BUCKET, "film.mp4")
    local = Scene(f"file://{films}/clip.mp4", 0.5, 1.5)
    far = render(bench, "far.mp4", Scene(f"s3://{BUCKET}/film.mp4", 50, 53), local, height=90)
    render(bench, "near.mp4", Scene(f"file://{films}/last.mp4", 50, 53), local, height=90)
    assert frames(bench, "far.mp4") == frames(bench, "near.mp4")
    assert far.details["read"]["bytes"] < LITTLE * far.details["read"]["of"]


def test_what_is_mostly_needed_or_small_is_fetched_whole(
    worker: CeleryWorker, bench: Bench, server: WebServer, films: Path
) -> None:
    server.resources |= {f"/{name}": Resource((films / name).read_bytes()) for name in ("last.mp4", "clip.mp4")}
    assert "read" not in render(bench, "a.mp4", Scene(server.url("/last.mp4"), 20, 300), height=90).details
    assert "read" not in render(bench, "b.mp4", Scene(server.url("/clip.mp4"), 1, 2), height=90).details


def test_a_transcode_reads_all_and_fetches_all(
    worker: CeleryWorker, bench: Bench, server: WebServer, films: Path
) -> None:
    server.resources["/clip.mp4"] = Resource((films / "clip.mp4").read_bytes())
    output = MediaOutput(bench.uri("a.mp4"), video=VideoSettings(height=90))
    assert bench.run(Transcode(server.url("/clip.mp4"), (output,)), queue=QUEUE).status == "completed"
    assert [asked[2] for asked in server.asked] == [""]


@pytest.mark.parametrize("height", [None, 180])
def test_a_source_that_changes_meanwhile_is_said_to(
    worker: CeleryWorker, bench: Bench, server: WebServer, films: Path, height: int | None
) -> None:
    """And no other way of rendering is tried, nor is ffmpeg blamed."""
    resource = server.resources["/film"] = Resource((films / "first.mp4").read_bytes())
    server.after(6, lambda: setattr(resource, "tag", '"two"'))
    scene = Scene(server.url("/film"), 100, 108)
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=height))
    failure = bench.run(Render((scene,), output), queue=QUEUE).failure
    assert failure is not None
    assert (failure.reason, failure.retryable) == ("StorageUnavailable", True)
    assert "has changed while it was read" in failure.message


def test_sources_are_fetched_side_by_side(worker: CeleryWorker, bench: Bench, server: WebServer, sources: Path) -> None:
    """The first one is answered when the second one has been asked for."""
    body, second, waited = (sources / "clip.mp4").read_bytes(), threading.Event(), list[bool]()
    server.resources |= {"/a": Resource(body), "/b": Resource(body)}
    server.after(1, lambda: waited.append(second.wait(30)))
    server.after(2, second.set)
    render(bench, "out.mp4", Scene(server.url("/a")), Scene(server.url("/b")), height=90)
    assert waited == [True]
