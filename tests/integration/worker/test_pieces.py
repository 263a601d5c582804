"""A preview of what lies on a server reads what it needs of it: over HTTP and S3, broken, changed, or hostile."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support import clips
from tests.support.ffmpeg import ffmpeg
from tests.support.s3_server import BUCKET, S3Server
from tests.support.web_server import Resource, WebServer
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import Preview
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage import origin
from videojobs_worker.storage.addresses import reach
from videojobs_worker.storage.pieces import BLOCK_BYTES, Pieces
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.serving import Serving

QUEUE = "pieces"
BODY = bytes(range(251)) * (10 * BLOCK_BYTES // 251) + b"end"


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], s3_server: S3Server) -> Iterator[CeleryWorker]:
    """One that may reach this machine, and whose proxy is nobody."""
    more = {"VIDEOJOBS_HTTP_ALLOW": "127.0.0.1", "http_proxy": "http://127.0.0.1:9"}
    running = CeleryWorker({**environment, **s3_server.environment, **more})
    running.start(queues=QUEUE)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ten minutes of which every ten seconds are the same."""
    folder = tmp_path_factory.mktemp("film")
    clips.clip(folder / "clip.mp4", seconds=10, size="960x540", gop=50)
    ffmpeg("-stream_loop", "59", "-i", str(folder / "clip.mp4"), "-c", "copy", str(folder / "long.mp4"))
    yield folder / "long.mp4"
    shutil.rmtree(folder)  # a gigabyte with what tests make of it


def previewed(bench: Bench, uri: str, name: str, **more: Any) -> TaskStatus:
    work = Preview(uri, bench.uri(name), **more)
    return bench.run(work, queue=QUEUE)


def pictures(status: TaskStatus) -> list[str]:
    assert status.status == "completed", status.failure
    return [output.sha256 for output in status.outputs]


@pytest.mark.parametrize("ending", ["mp4", pytest.param("mkv", marks=pytest.mark.ffmpeg_matrix), "faststart.mp4"])
def test_a_preview_of_a_long_film_reads_little_of_it(
    worker: CeleryWorker, bench: Bench, server: WebServer, film: Path, ending: str
) -> None:
    path = film if ending == "mp4" else film.with_suffix(f".{ending}")
    if path != film:
        moved = ("-movflags", "+faststart") if ending.startswith("faststart") else ()
        ffmpeg("-i", str(film), "-c", "copy", *moved, str(path))
    server.resources["/film"] = Resource(path.read_bytes())
    status = previewed(bench, server.url("/film?signature=secret"), "far", frames=9)
    assert pictures(status) == pictures(previewed(bench, f"file://{path}", "near", frames=9))
    assert server.sent < 0.05 * path.stat().st_size
    assert status.details["read"] == {"bytes": server.sent, "of": path.stat().st_size}


def test_so_does_one_from_s3(worker: CeleryWorker, bench: Bench, s3_server: S3Server, film: Path) -> None:
    s3_server.client().upload_file(str(film), BUCKET, "film.mp4")
    status = previewed(bench, f"s3://{BUCKET}/film.mp4", "far", times_s=(3.0, 301.5, 599.0))
    assert pictures(status) == pictures(previewed(bench, f"file://{film}", "near", times_s=(3.0, 301.5, 599.0)))
    assert status.details["read"]["bytes"] < 0.05 * film.stat().st_size


@pytest.mark.parametrize("server_knows_pieces", [True, False])
@pytest.mark.parametrize("ending", ["ts", "mp4"])
@pytest.mark.ffmpeg_matrix
def test_what_cannot_be_read_in_pieces_is_fetched(
    worker: CeleryWorker, bench: Bench, server: WebServer, sources: Path, ending: str, server_knows_pieces: bool
) -> None:
    path = bench.folder / f"in.{ending}"
    ffmpeg("-i", str(sources / "clip.mp4"), "-c", "copy", str(path))
    server.resources["/film"] = Resource(path.read_bytes(), whole=not server_knows_pieces)
    status = previewed(bench, server.url("/film"), "far", frames=3)
    assert pictures(status) == pictures(previewed(bench, f"file://{path}", "near", frames=3))


def test_pictures_are_found_in_pieces_where_the_frame_rate_varies(
    worker: CeleryWorker, bench: Bench, server: WebServer
) -> None:
    path = bench.folder / "in.mkv"
    short = clips.variable_rate(bench.folder / "short.mkv")
    ffmpeg("-stream_loop", "39", "-i", str(short), "-c", "copy", str(path))  # so long that it is not read whole anyhow
    server.resources["/film"] = Resource(path.read_bytes())
    status = previewed(bench, server.url("/film"), "far", times_s=(0.5, 1.0))
    assert pictures(status) == pictures(previewed(bench, f"file://{path}", "near", times_s=(0.5, 1.0)))
    assert status.details["read"]["of"] == path.stat().st_size


def test_a_source_that_changes_meanwhile_fails_in_words(
    worker: CeleryWorker, bench: Bench, server: WebServer, film: Path
) -> None:
    resource = server.resources["/film"] = Resource(film.read_bytes())
    server.after(5, lambda: setattr(resource, "tag", '"two"'))
    failure = previewed(bench, server.url("/film"), "far", frames=10).failure
    assert failure is not None
    assert (failure.reason, failure.retryable) == ("StorageUnavailable", True)
    assert failure.message == f"{server.url('/film')} has changed while it was read: try again when it is written"


@pytest.mark.ffmpeg_matrix
def test_a_playlist_leads_nowhere(worker: CeleryWorker, bench: Bench, server: WebServer) -> None:
    line = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n{}\n#EXT-X-ENDLIST\n"
    with WebServer() as canary:
        for number, reference in enumerate((canary.url("/a.ts"), f"tcp://{canary.host}", "file:///etc/passwd")):
            server.resources["/list"] = Resource(line.format(reference).encode(), tag=f'"{number}"')
            failure = previewed(bench, server.url("/list"), "far", frames=1).failure
            assert failure is not None
            assert (failure.reason, "a playlist" in failure.message) == ("SourceNotMedia", True)
        assert canary.connections == 0


@pytest.fixture
def pieces(server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pieces]:
    monkeypatch.setattr(origin, "BACKOFF_S", 0.01)
    server.resources["/a"] = Resource(BODY)
    opened = in_pieces(server.url("/a"), tmp_path)
    assert opened is not None
    yield opened
    opened.close()


def in_pieces(uri: str, folder: Path, stopper: Stopper | None = None, most: int = 10**9) -> Pieces | None:
    return Places((), reach(["127.0.0.1"]), most).pieces(uri, folder, stopper or Stopper())


def test_each_byte_comes_once_and_only_when_it_is_read(server: WebServer, pieces: Pieces) -> None:
    assert pieces.size == len(BODY)
    at = 3 * BLOCK_BYTES + 5
    for _ in range(2):
        assert pieces.read(at, 100) == BODY[at : at + 100]
    assert pieces.read(9 * BLOCK_BYTES, 10**6, 16)[-3:] == BODY[9 * BLOCK_BYTES : 10 * BLOCK_BYTES][-3:]
    last = f"bytes={9 * BLOCK_BYTES}-{len(BODY) - 1}"
    assert [asked[2] for asked in server.asked] == [
        f"bytes=0-{BLOCK_BYTES - 1}",
        f"bytes={3 * BLOCK_BYTES}-{4 * BLOCK_BYTES - 1}",
        last,
    ]
    assert server.sent == pieces.fetched


def test_a_piece_that_breaks_off_goes_on_where_it_was(server: WebServer, pieces: Pieces) -> None:
    server.resources["/a"].breaks = 3
    assert pieces.read(BLOCK_BYTES, BLOCK_BYTES) == BODY[BLOCK_BYTES : 2 * BLOCK_BYTES]
    assert pieces.error is None


@pytest.mark.parametrize("change", [{"tag": '"two"'}, {"body": BODY[:-1]}, {"whole": True}, {"shifts": 7}])
def test_another_whole_is_noticed(server: WebServer, pieces: Pieces, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(server.resources["/a"], name, value)
    with pytest.raises(JobError, match="has changed while it was read"):
        pieces.read(BLOCK_BYTES, 1)
    assert pieces.error is not None


def test_what_is_not_there_any_more_is_said(server: WebServer, pieces: Pieces) -> None:
    server.resources["/a"].status = 404
    with pytest.raises(JobError, match="is not there"):
        pieces.read(BLOCK_BYTES, 1)
    assert pieces.error is not None
    assert pieces.error.reason == "SourceNotFound"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (Resource(status=404), "SourceNotFound"),
        (Resource(status=302, location="http://169.254.169.254/"), "PathNotAllowed"),
        (Resource(bytes(2_000_000)), "SourceTooLarge"),
    ],
)
def test_the_same_is_refused_as_of_a_whole(server: WebServer, tmp_path: Path, resource: Resource, reason: str) -> None:
    server.resources["/a"] = resource
    with pytest.raises(JobError) as caught:
        in_pieces(server.url("/a"), tmp_path, most=1_000_000)
    assert caught.value.reason == reason


def test_no_pieces_come_of_what_tells_no_change(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a"] = Resource(BODY, tag="")
    assert in_pieces(server.url("/a"), tmp_path) is None


def test_a_cancel_ends_a_stalled_piece_at_once(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a"] = Resource(BODY, stalls=True)
    stopper = Stopper()
    server.after(1, lambda: stopper.stop(StoppedError("Cancelled", "enough")))
    with pytest.raises(StoppedError):
        in_pieces(server.url("/a"), tmp_path, stopper)
    assert not server.going.is_set()


def test_who_is_closed_waits_for_nobody(server: WebServer, pieces: Pieces) -> None:
    server.resources["/a"].stalls = True
    asked = threading.Event()
    server.after(1, asked.set)
    ended: list[BaseException] = []

    def read() -> None:
        with pytest.raises(JobError) as caught:
            pieces.read(BLOCK_BYTES, 1)
        ended.append(caught.value)

    reader = threading.Thread(target=read)
    reader.start()
    assert asked.wait(30)
    pieces.close()
    reader.join()
    assert isinstance(ended[0], StoppedError)
    assert not server.going.is_set()


def test_only_who_knows_the_address_is_served(pieces: Pieces) -> None:
    import urllib3

    with Serving(pieces) as serving:
        root = serving.url.rpartition("/")[0]
        http = urllib3.PoolManager()
        assert http.request("GET", serving.url).data == BODY
        assert http.request("GET", serving.url, headers={"Range": "bytes=5-9"}).data == BODY[5:10]
        assert http.request("GET", f"{root}/a").status == 404
        assert http.request("GET", serving.url, headers={"Range": f"bytes={len(BODY)}-"}).status == 416
        assert "127.0.0.1" in root
        http.clear()


def test_many_readers_get_the_same(pieces: Pieces) -> None:
    import urllib3

    got: list[bytes] = []
    with Serving(pieces) as serving:

        def read() -> None:
            got.append(urllib3.request("GET", serving.url).data)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == [BODY] * 8
    assert pieces.fetched == len(BODY)
