"""S3 in and out, against a real server: the same promises as on a volume."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support import clips, measure
from tests.support.s3_server import BUCKET, S3Server
from videojobs_protocol.progress import Output
from videojobs_protocol.work import MediaOutput, Preview, Sprite, Transcode, VideoSettings
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage import s3
from videojobs_worker.storage.addresses import reach
from videojobs_worker.storage.manifest import adopt, commit, discard, tidy
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.target import StagedOutput


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def store(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """This process's client is the server's."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    s3.client.cache_clear()
    yield server.client()
    s3.client().close()
    s3.client.cache_clear()


def keys_of(store: Any, prefix: str) -> list[str]:
    found = store.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    return [item["Key"].removeprefix(f"{prefix}/") for item in found]


def run_of(number: int) -> str:
    return f"{number}-0000000{number}"


def stage(prefix: str, number: int, folder: Path, *names: str) -> list[StagedOutput]:
    """An attempt's outputs, each of which says whose it is."""
    made = []
    for name in names:
        target = s3.S3Target(BUCKET, f"{prefix}/{name}")
        draft = target.draft("job", run_of(number), folder)
        draft.write_text(f"attempt {number}")
        made.append(
            StagedOutput(
                target, target.stage(draft, "job", run_of(number), Stopper()).name, Output(target.uri, 9, "sha")
            )
        )
    return made


def text_of(store: Any, key: str) -> str:
    return str(store.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())


def test_a_commit_shows_all_outputs(store: Any, tmp_path: Path) -> None:
    staged = stage("shows", 1, tmp_path, "a.mp4", "b.mp4")
    assert keys_of(store, "shows") == sorted(item.staged.removeprefix("shows/") for item in staged)
    assert adopt("job", [staged[0].target]) is None
    assert commit("job", 1, staged) == tuple(item.output for item in staged)
    assert keys_of(store, "shows") == [".videojobs/job.json", "a.mp4", "b.mp4"]


def test_of_many_at_once_one_commits(store: Any, tmp_path: Path) -> None:
    attempts = {}
    for number in range(1, 6):
        (folder := tmp_path / str(number)).mkdir()
        attempts[number] = stage("many", number, folder, "a.mp4")
    with ThreadPoolExecutor(5) as pool:
        told = set(pool.map(lambda item: commit("job", *item), attempts.items()))
    assert len(told) == 1
    winner = json.loads(text_of(store, "many/.videojobs/job.json"))["attempt"]
    assert text_of(store, "many/a.mp4") == f"attempt {winner}"


def test_a_crash_between_manifest_and_copies_is_rolled_forward(store: Any, tmp_path: Path) -> None:
    staged = stage("crash", 1, tmp_path, "a.mp4", "b.mp4")
    targets = [item.target for item in staged]
    commit("job", 1, staged)
    draft = staged[1].target.draft("job", run_of(1), tmp_path)
    staged[1].target.stage(draft, "job", run_of(1), Stopper())  # as if its copy had not been made
    store.delete_object(Bucket=BUCKET, Key="crash/b.mp4")
    for _ in range(2):
        assert adopt("job", targets) == tuple(item.output for item in staged)
    assert keys_of(store, "crash") == [".videojobs/job.json", "a.mp4", "b.mp4"]


def test_an_output_that_was_taken_away_is_not_called_there(store: Any, tmp_path: Path) -> None:
    staged = stage("gone", 1, tmp_path, "a.mp4")
    commit("job", 1, staged)
    store.delete_object(Bucket=BUCKET, Key="gone/a.mp4")
    with pytest.raises(JobError, match=r"s3://media/gone/a\.mp4 was committed .* make a new job"):
        adopt("job", [staged[0].target])


@pytest.mark.parametrize(
    "staged",
    ["forged/other.mp4", "forged/.videojobs/job2/1-00000001/a.mp4", "forged/.videojobs/job/1-00000001/b.mp4"],
)
def test_a_forged_manifest_moves_nothing(store: Any, staged: str) -> None:
    store.put_object(Bucket=BUCKET, Key=staged, Body=b"victim")
    target = s3.S3Target(BUCKET, "forged/a.mp4")
    entry = {"staged": staged, "final": target.name, "uri": "x", "bytes": 1, "sha256": ""}
    store.put_object(Bucket=BUCKET, Key="forged/.videojobs/job.json", Body=json.dumps({"outputs": [entry]}).encode())
    with pytest.raises(JobError, match="not this job's outputs"):
        adopt("job", [target])
    assert text_of(store, staged) == "victim"


def test_discard_takes_only_the_jobs_own_leftovers(store: Any, tmp_path: Path) -> None:
    staged = stage("left", 1, tmp_path, "a.mp4") + stage("left", 2, tmp_path, "a.mp4")
    store.put_object(Bucket=BUCKET, Key="left/.videojobs/job2/1-00000001/a.mp4", Body=b"x")
    discard("job", [item.target for item in staged])
    assert keys_of(store, "left") == [".videojobs/job2/1-00000001/a.mp4"]


def test_a_run_tidies_its_own_and_no_others(store: Any, tmp_path: Path) -> None:
    (own,), (other,) = stage("tidy", 1, tmp_path, "a.mp4"), stage("tidy", 2, tmp_path, "a.mp4")
    discard("job", [own.target], idle_s=3600)
    tidy("job", run_of(1), [own.target])
    assert keys_of(store, "tidy") == [other.staged.removeprefix("tidy/")]


@pytest.mark.parametrize(
    ("uri", "reason", "text"),
    [
        ("s3://media/nowhere.mp4", "SourceNotFound", "s3://media/nowhere.mp4 is not there"),
        ("s3://no-such-bucket/a.mp4", "SourceNotFound", "is not there"),
        ("s3://media/", "PathNotAllowed", "give s3://BUCKET/KEY"),
        ("s3://media/../a.mp4", "PathNotAllowed", "neither '..' nor"),
        ("s3://media/x/.videojobs/job.json", "PathNotAllowed", "a folder .videojobs"),
    ],
)
def test_sources_that_are_not_there_are_named(store: Any, tmp_path: Path, uri: str, reason: str, text: str) -> None:
    with pytest.raises(JobError, match=text) as caught:
        Places((), reach([]), 10**9).source(uri, tmp_path, Stopper(), lambda *_: None)
    assert caught.value.reason == reason
    assert "Signature" not in caught.value.message


def test_wrong_credentials_are_said(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    s3.client().close()
    s3.client.cache_clear()
    with pytest.raises(JobError) as caught:
        stage("wrong", 1, tmp_path, "a.mp4")
    assert (caught.value.reason, caught.value.retryable) == ("OutputNotWritable", False)
    assert "SignatureDoesNotMatch" in caught.value.message
    with pytest.raises(JobError) as caught:
        Places((), reach([]), 10**9).source("s3://media/a", tmp_path, Stopper(), lambda *_: None)
    assert (caught.value.reason, caught.value.retryable) == ("SourceNotReadable", False)


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], server: S3Server) -> Iterator[CeleryWorker]:
    """In place of the worker that others share."""
    running = CeleryWorker({**environment, **server.environment})
    running.start(queues="s3")
    yield running
    running.stop()


def test_a_job_from_bucket_to_bucket(worker: CeleryWorker, bench: Bench, store: Any) -> None:
    clips.clip(bench.folder / "in.mp4")
    store.upload_file(str(bench.folder / "in.mp4"), BUCKET, "whole/in.mp4")
    outputs = tuple(
        MediaOutput(f"s3://{BUCKET}/whole/out/{name}", video=VideoSettings(height=height))
        for name, height in (("large.mp4", 180), ("small.mkv", 90))
    )
    status = bench.run(Transcode(f"s3://{BUCKET}/whole/in.mp4", outputs), queue="s3")
    assert status.status == "completed", status.failure
    assert [(output.uri, output.height) for output in status.outputs] == [
        (f"s3://{BUCKET}/whole/out/large.mp4", 180),
        (f"s3://{BUCKET}/whole/out/small.mkv", 90),
    ]
    assert [key for key in keys_of(store, "whole/out") if not key.startswith(".")] == ["large.mp4", "small.mkv"]
    store.download_file(BUCKET, "whole/out/small.mkv", str(bench.folder / "back.mkv"))
    assert measure.probe(bench.folder / "back.mkv")["video"]["height"] == 90


def test_outputs_of_one_name_under_several_prefixes(worker: CeleryWorker, bench: Bench, store: Any) -> None:
    clips.clip(bench.folder / "in.mp4")
    heights = (180, 90)
    outputs = tuple(
        MediaOutput(f"s3://{BUCKET}/sizes/{height}/film.mp4", video=VideoSettings(height=height)) for height in heights
    )
    status = bench.run(Transcode(bench.uri("in.mp4"), outputs), queue="s3")
    assert status.status == "completed", status.failure
    for height in heights:
        store.download_file(BUCKET, f"sizes/{height}/film.mp4", str(bench.folder / "back.mp4"))
        assert measure.probe(bench.folder / "back.mp4")["video"]["height"] == height


def test_previews_into_a_bucket(worker: CeleryWorker, bench: Bench, store: Any) -> None:
    clips.clip(bench.folder / "in.mp4")
    work = Preview(bench.uri("in.mp4"), f"s3://{BUCKET}/frames", 3, sprite=Sprite())
    status = bench.run(work, queue="s3")
    assert status.status == "completed", status.failure
    made = [key for key in keys_of(store, "frames") if not key.startswith(".")]
    assert made == ["frame-001.jpg", "frame-002.jpg", "frame-003.jpg", "sprite.jpg", "sprite.vtt"]


def test_nothing_is_left_where_a_job_fails(worker: CeleryWorker, bench: Bench, store: Any) -> None:
    (bench.folder / "in.mp4").write_bytes(b"no media")
    work = Transcode(bench.uri("in.mp4"), (MediaOutput(f"s3://{BUCKET}/failed/out.mp4"),))
    status = bench.run(work, queue="s3")
    assert status.failure is not None
    assert status.failure.reason == "SourceNotMedia"
    assert keys_of(store, "failed") == []


@pytest.mark.parametrize(
    ("uri", "container", "expected"),
    [
        ("s3://media/types/a.mp4", None, "video/mp4"),
        ("s3://media/types/a.MKV", None, "video/matroska"),
        ("s3://media/types/without", "webm", "video/webm"),
        ("s3://media/types/a.vtt", None, "text/vtt"),
        ("s3://media/types/without", None, "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("size", [10, 20_000_000])  # one put, and parts, which are copied as parts
def test_an_object_says_what_it_is(
    store: Any, tmp_path: Path, uri: str, container: str | None, expected: str, size: int
) -> None:
    target = Places((), reach([]), 10**9).target(uri, container)
    draft = target.draft("job", run_of(1), tmp_path)
    draft.write_bytes(random.Random(1).randbytes(size))
    staged = target.stage(draft, "job", run_of(1), Stopper())
    assert staged.sha256 == hashlib.sha256(draft.read_bytes()).hexdigest()
    assert target.publish(staged.name)
    head = store.head_object(Bucket=BUCKET, Key=uri.removeprefix("s3://media/"))
    assert (head["ContentType"], head["ContentLength"]) == (expected, size)


def test_a_stop_does_not_wait_for_an_upload_that_stalls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")
        s3.client.cache_clear()
        target, stopper, accepted = s3.S3Target(BUCKET, "a.mp4"), Stopper(), list[socket.socket]()
        draft = target.draft("job", run_of(1), tmp_path)
        draft.write_bytes(bytes(10_000_000))

        def stop() -> None:
            accepted.append(deaf.accept()[0])
            stopper.stop(StoppedError("Cancelled", "enough"))

        stopping = threading.Thread(target=stop)
        stopping.start()
        with pytest.raises(StoppedError, match="enough"):
            side_by_side([partial(target.stage, draft, "job", run_of(1), stopper)], stopper, 1)
        stopping.join()
        with accepted[0] as left:
            left.settimeout(60)  # it may have been stopped before it sent anything
            assert left.recv(1)  # neither answered nor hung up on: it is left to itself
    s3.client().close()
    s3.client.cache_clear()


def test_what_is_uploaded_after_a_stop_is_removed(store: Any, tmp_path: Path) -> None:
    """The server had it all before the stop, and answered after it."""
    target, stopper = s3.S3Target(BUCKET, "late/a.mp4"), Stopper()
    draft = target.draft("job", run_of(1), tmp_path)
    draft.write_bytes(b"x")
    answered = lambda **_: stopper.stop(StoppedError("Cancelled", "enough"))  # noqa: E731
    s3.client().meta.events.register("after-call.s3.PutObject", answered)
    with pytest.raises(StoppedError):
        target.stage(draft, "job", run_of(1), stopper)
    assert keys_of(store, "late") == []
