"""A source that somebody still writes is tried again, and succeeds when it is whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings

INTERVAL_S = 0.05


@contextmanager
def growing(path: Path, body: bytes, begin: int) -> Iterator[None]:
    """Bytes come one by one within the block; the rest comes at its end."""
    path.write_bytes(body[:begin])
    whole = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            at = begin
            while not whole.wait(INTERVAL_S):
                file.write(body[at : at + 1])
                at += 1
            file.write(body[at:])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        whole.set()
        writer.join()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.6])
@pytest.mark.parametrize("moved", [(), ("-movflags", "+faststart")], ids=["index-last", "index-first"])
def test_a_source_that_is_still_written_is_tried_again(
    worker: CeleryWorker, bench: Bench, sources: Path, moved: tuple[str, ...], share: float
) -> None:
    ffmpeg("-i", str(sources / "clip.mp4"), "-c", "copy", *moved, str(bench.folder / "whole.mp4"))
    body = (bench.folder / "whole.mp4").read_bytes()
    work = Transcode(bench.uri("in.mp4"), (MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=90)),))
    with growing(bench.folder / "in.mp4", body, int(share * len(body))):
        first = bench.send(work)
        failure = bench.until_final(first.task_id).failure
    assert failure is not None
    assert (failure.reason, failure.retryable) == ("SourceGrowing", True), failure.message
    assert bench.run(work, number=2, uid=first.job_uid).status == "completed"
