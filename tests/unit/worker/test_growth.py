"""A source that is still being written is told from one that is broken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from videojobs_protocol.work import MediaOutput, Music, Overlay, Preview, Render, Scene, Work
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.pipeline import growth
from videojobs_worker.pipeline.growth import Growth
from videojobs_worker.process.stopper import Stopper

OUT = MediaOutput("file:///out.mp4")
TRUNCATED = JobError("SourceTruncated", "half of it is missing", log_tail="ffmpeg's")
OLD = 1_000_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a b.mp4"
    path.write_bytes(b"half")
    os.utime(path, (OLD, OLD))
    return path


def preview(path: Path) -> Work:
    return Preview(f"file://{path}".replace(" ", "%20"), "file:///out", 1)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize(
    "reason", ["SourceNotMedia", "SourceEmpty", "SourceTruncated", "SourceCorrupt", "EncoderFailed", "NoVideoStream"]
)
def test_what_has_grown_since_the_work_began_is_tried_again(path: Path, reason: str) -> None:
    found = Growth(preview(path))
    append(path)
    with pytest.raises(JobError, match=r"a%20b\.mp4 is still being written \(from 4 to 8 bytes") as caught:
        found.check(JobError(reason, "", log_tail="ffmpeg's"), Stopper())
    assert (caught.value.reason, caught.value.retryable, caught.value.log_tail) == ("SourceGrowing", True, "ffmpeg's")


def test_so_is_what_is_written_in_place(path: Path) -> None:
    found = Growth(preview(path))
    os.utime(path, (OLD + 1, OLD + 1))
    with pytest.raises(JobError, match=r"\(in place while it was read\)"):
        found.check(TRUNCATED, Stopper())


def of_scenes(uri: str) -> Render:
    return Render((Scene("s3://bucket/a"), Scene("file:///nowhere.mp4"), Scene(uri)), OUT)


@pytest.mark.parametrize(
    "work_of",
    [
        of_scenes,
        lambda uri: Render((Scene("s3://bucket/a"),), OUT, overlays=(Overlay(uri),)),
        lambda uri: Render((Scene("s3://bucket/a"),), OUT, music=Music(uri)),
    ],
    ids=["scene", "overlay", "music"],
)
def test_any_source_may_grow(work_of: Callable[[str], Render], path: Path) -> None:
    found = Growth(work_of(f"file://{path}".replace(" ", "%20")))
    append(path)
    with pytest.raises(JobError, match="a%20b"):
        found.check(TRUNCATED, Stopper())


def test_what_was_written_a_moment_ago_is_looked_at_once_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Probing a file takes less time than passes between two blocks of an upload."""
    path.touch()
    found, stopper, waits = Growth(preview(path)), Stopper(), list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        append(path)

    monkeypatch.setattr(stopper, "wait", wait)
    with pytest.raises(JobError, match="from 4 to 8 bytes"):
        found.check(TRUNCATED, stopper)
    assert 0 < waits[0] <= growth._WAIT_S


def test_what_has_not_changed_is_broken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stopper, "wait", lambda *_: pytest.fail("nobody has written to it for years"))
    Growth(preview(path)).check(TRUNCATED, Stopper())


@pytest.mark.parametrize("error", [JobError("DiskFull", "", retryable=True), JobError("SubtitlesInvalid", "")])
def test_other_failures_have_other_causes(path: Path, error: JobError) -> None:
    found = Growth(preview(path))
    append(path)
    found.check(error, Stopper())


@pytest.mark.parametrize(
    "uri", ["s3://bucket/a.mp4", "https://host/a.mp4", "file:///nowhere/at/all.mp4", "file:///%00"]
)
def test_what_does_not_lie_here_does_not_grow(uri: str) -> None:
    Growth(Preview(uri, "file:///out", 1)).check(TRUNCATED, Stopper())


def test_a_stop_ends_the_second_look(path: Path) -> None:
    path.touch()
    stopper, found = Stopper(), Growth(preview(path))
    stopper.stop(StoppedError("Cancelled", "enough"))
    with pytest.raises(StoppedError):
        found.check(TRUNCATED, stopper)
