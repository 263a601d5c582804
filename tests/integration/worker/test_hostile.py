"""Hostile media, names and addresses: nothing is read or reached that may not be, each ends clearly, work goes on."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support import clips, hostile
from tests.support.hostile import Case, Ground
from tests.support.web_server import Resource, WebServer
from videojobs_protocol.work import Transcode

IN_ACCESS, IN_OPEN = 0x1, 0x20
WITHIN_S = 60
QUEUE = "hostile"
CORPUS = hostile.corpus()


class Canary:
    """A film outside of all roots. The kernel tells whether anybody opened it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        clips.clip(path, seconds=1)
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._descriptor, os.fsencode(path), IN_ACCESS | IN_OPEN) >= 0

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self._descriptor, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="videojobs-canary-") as folder:
        made = Canary(Path(folder) / "canary.mp4")
        yield made
        made.close()


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        server.resources["/a.mp4"] = Resource(b"canary")
        yield server


@pytest.fixture(scope="module")
def attacker() -> Iterator[WebServer]:
    with WebServer("127.0.0.2") as server:
        yield server


@pytest.fixture(scope="module")
def worker(environment: dict[str, str]) -> Iterator[CeleryWorker]:
    """In place of the worker that others share: the attacker's server may be asked, and no other on this machine."""
    more = {"VIDEOJOBS_HTTP_ALLOW": "127.0.0.2", "MAX_SOURCE_BYTES": "10000000"}
    running = CeleryWorker({**environment, **more})
    running.start(concurrency=2, queues=QUEUE)
    yield running
    running.stop()


@pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
def test_nothing_leaks_nothing_hangs(
    worker: CeleryWorker, bench: Bench, canary: Canary, web: WebServer, attacker: WebServer, case: Case
) -> None:
    ground = Ground(bench.folder, canary.path, f"http://{web.host}", attacker)
    case.make(ground)
    status = bench.until_final(bench.send(case.work(ground), queue=QUEUE).task_id, WITHIN_S)
    assert not canary.was_opened()
    assert web.connections == 0
    if case.reason is None:
        assert status.status == "completed", status.failure
    else:
        assert status.failure is not None
        assert (status.failure.reason, status.failure.retryable) == (case.reason, False), status.failure.message
        assert not (bench.folder / "out.mp4").exists()
        assert not list(bench.folder.glob("frames/*"))
    assert not worker.ffmpegs()


def test_the_canary_sings(canary: Canary) -> None:
    assert not canary.was_opened()
    canary.path.read_bytes()
    assert canary.was_opened()
    with WebServer() as web:
        host, _, port = web.host.rpartition(":")
        socket.create_connection((host, int(port))).close()
        eventually(lambda: web.connections, lambda seen: seen == 1)


def test_the_corpus_is_large_and_the_worker_goes_on(worker: CeleryWorker, bench: Bench) -> None:
    assert len(CORPUS) >= 60
    clips.clip(bench.folder / "good.mp4", seconds=1)
    work = hostile.transcode(bench.uri("good.mp4"), bench.uri("out.mp4"))
    assert isinstance(work, Transcode)
    assert bench.run(work, queue=QUEUE).status == "completed"
