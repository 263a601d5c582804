"""Sources over HTTP: whole, resumed, refused where they must not come from, and stopped at once."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.web_server import Resource, WebServer
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage import origin, s3, web
from videojobs_worker.storage.addresses import Reach, reach
from videojobs_worker.storage.places import Places

LOCAL = reach(["127.0.0.1"])
BODY = os.urandom(3 * web.CHUNK_BYTES + 12345)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(origin, "BACKOFF_S", 0.01)
    with WebServer() as running:
        yield running


def fetch(
    uri: str, folder: Path, allowed: Reach = LOCAL, stopper: Stopper | None = None, tell: Any = None, most: int = 10**9
) -> Path:
    places = Places((folder,), allowed, most)
    return places.source(uri, folder, stopper or Stopper(), tell or (lambda *_: None)).path


def refused(*args: Any, **more: Any) -> tuple[str, str, bool]:
    with pytest.raises(JobError) as caught:
        fetch(*args, **more)
    return caught.value.reason, caught.value.message, caught.value.retryable


def test_a_source_comes_whole_with_progress_and_its_ending(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a.mp4"] = Resource(BODY)
    told: list[tuple[int, int | None]] = []
    path = fetch(server.url("/a.mp4?sig=x.y"), tmp_path, tell=lambda *seen: told.append(seen))
    assert path.read_bytes() == BODY
    assert path.suffix == ".mp4"
    assert told[-1] == (len(BODY), len(BODY))


def test_a_broken_transfer_goes_on_where_it_was(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a"] = Resource(BODY, breaks=2)
    assert fetch(server.url("/a"), tmp_path).read_bytes() == BODY
    assert server.asked[0][2] == ""
    begins = [int(asked[2].removeprefix("bytes=").rstrip("-")) for asked in server.asked[1:]]
    assert begins == sorted(begins)
    assert begins[0] >= web.CHUNK_BYTES


def test_a_source_that_changed_meanwhile_is_fetched_anew(server: WebServer, tmp_path: Path) -> None:
    resource = server.resources["/a"] = Resource(b"old" * 1_000_000, breaks=1)

    def change(*_: object) -> None:
        resource.body, resource.tag = BODY, '"two"'

    assert fetch(server.url("/a"), tmp_path, tell=change).read_bytes() == BODY


def test_a_piece_that_was_not_asked_for_is_not_taken_for_the_rest(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a"] = Resource(BODY, breaks=1, shifts=7)
    assert fetch(server.url("/a"), tmp_path).read_bytes() == BODY
    assert [asked[2] for asked in server.asked] == ["", f"bytes={len(BODY) // 2}-", ""]


def test_a_rest_of_another_whole_is_not_taken_for_the_rest(server: WebServer, tmp_path: Path) -> None:
    resource = server.resources["/a"] = Resource(b"old" * 1_000_000, breaks=1)

    def change(*_: object) -> None:
        resource.body = BODY  # under the same tag

    assert fetch(server.url("/a"), tmp_path, tell=change).read_bytes() == BODY


def test_each_connection_to_s3_is_signed_anew(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.resources["/a"] = Resource(BODY, breaks=2)
    signatures = itertools.count()
    monkeypatch.setattr(s3, "presigned", lambda _: (server.url(f"/a?signature={next(signatures)}"), "127.0.0.1"))
    assert fetch("s3://bucket/a", tmp_path, reach([])).read_bytes() == BODY
    asked = [path for _, path, _ in server.asked]
    assert len(asked) == len(set(asked)) == 3


SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("uri", "resource"),
    [
        ("http", Resource(headers={"Repr-Digest": f"sha-512=:AAAA:, sha-256=:{SHA256}:"})),
        ("http", Resource(headers={"x-amz-checksum-sha256": SHA256})),
        ("s3", Resource(tag=f'"{MD5}"')),
    ],
)
def test_what_came_is_held_against_what_its_server_tells(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str, resource: Resource
) -> None:
    monkeypatch.setattr(s3, "presigned", lambda _: (server.url("/a"), "127.0.0.1"))
    server.resources["/a"] = resource
    source = "s3://bucket/a" if uri == "s3" else server.url("/a")
    resource.body, resource.breaks = BODY, 1  # also what came in two parts
    assert fetch(source, tmp_path).read_bytes() == BODY
    resource.body = BODY[:-1] + bytes([BODY[-1] ^ 1])
    reason, message, retryable = refused(source, tmp_path)
    assert (reason, retryable) == ("StorageUnavailable", True)
    assert "it came broken, or lies broken there" in message


def test_redirects_are_followed(server: WebServer, tmp_path: Path) -> None:
    server.resources |= {"/a": Resource(status=302, location="/b"), "/b": Resource(BODY)}
    assert fetch(server.url("/a"), tmp_path).read_bytes() == BODY


@pytest.mark.parametrize(
    ("resource", "reason", "text", "retryable"),
    [
        (Resource(status=404), "SourceNotFound", "is not there: the server answered 404", False),
        (Resource(status=403), "SourceNotReadable", "cannot be read: the server answered 403", False),
        (Resource(status=503), "StorageUnavailable", "the server answered 503", True),
        (Resource(status=302, location="/a"), "SourceNotReadable", "more than 5 redirects", False),
        (Resource(status=302, location="file:///etc/passwd"), "PathNotAllowed", "leads to file:///etc/passwd", False),
        (Resource(status=302, location="http://[::1]:1/"), "PathNotAllowed", ": ::1 is not a public address", False),
        (Resource(status=302, location="http://169.254.169.254/latest"), "PathNotAllowed", "169.254.169.254", False),
        (Resource(endless=True), "SourceTooLarge", "MAX_SOURCE_BYTES, 1000000", False),
        (Resource(bytes(2_000_000)), "SourceTooLarge", "MAX_SOURCE_BYTES, 1000000", False),
    ],
)
def test_what_cannot_be_had_is_said(
    server: WebServer, tmp_path: Path, resource: Resource, reason: str, text: str, retryable: bool
) -> None:
    server.resources["/a"] = resource
    told = refused(server.url("/a?signature=secret"), tmp_path, most=1_000_000)
    assert (told[0], told[2]) == (reason, retryable)
    assert text in told[1]
    assert "secret" not in told[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f000001"])
def test_addresses_that_are_not_public_are_never_asked(server: WebServer, tmp_path: Path, host: str) -> None:
    server.resources["/a"] = Resource(BODY)
    uri = server.url("/a").replace("127.0.0.1", host, 1)
    reason, message, _ = refused(uri, tmp_path, reach([]))
    assert reason == "PathNotAllowed"
    assert "VIDEOJOBS_HTTP_ALLOW" in message
    assert server.asked == []


@pytest.mark.parametrize(
    "uri",
    ["http://", "http:///a", "http://x:99999/a", "http://me:secret@127.0.0.1/a", "http://a b/c", "http://a\\@b/c"],
)
def test_what_is_no_url_is_said(tmp_path: Path, uri: str) -> None:
    reason, message, _ = refused(uri, tmp_path)
    assert reason == "PathNotAllowed"
    assert "secret" not in message


def test_a_cancel_ends_a_stalled_transfer_at_once(server: WebServer, tmp_path: Path) -> None:
    server.resources["/a"] = Resource(BODY, stalls=True)
    stopper, error = Stopper(), StoppedError("Cancelled", "enough", retryable=False)
    begun = threading.Event()
    canceller = threading.Thread(target=lambda: (begun.wait(30), stopper.stop(error)))
    canceller.start()
    with pytest.raises(StoppedError):
        fetch(server.url("/a"), tmp_path, stopper=stopper, tell=lambda *_: begun.set())
    canceller.join()
    assert not server.going.is_set()
