"""A source gives less than its header says: that lied, the file is cut off, or it cannot be decoded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from tests.support import clips
from tests.unit.worker.builders import source
from videojobs_protocol.work import Preview
from videojobs_worker.errors import JobError, UnexpectedLengthError
from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.shortfall import check_whole, is_of_times, measure_sources
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.settings import load

CUT = JobError("SourceTruncated", "a.mp4 is cut off", log_tail="partial file")
SHORT = UnexpectedLengthError("SourceTruncated", "only 3 s of 9 s can be read", log_tail="why")


def context(scratch: Path, *sources: Source) -> JobContext:
    job = mock.Mock(work=Preview("file:///media/a.mp4", "file:///media/frames"))
    fetched = {each.uri: each for each in sources}
    return JobContext(job, load({}), scratch, Stopper(), mock.Mock(), fetched=fetched)


def test_packets_are_asked_where_a_header_was_believed(tmp_path: Path) -> None:
    path = clips.clip(tmp_path / "clip.mp4", seconds=2)
    whole = Source("file:///media/clip.mp4", path, probe(str(path), "file:///media/clip.mp4"))
    lying = replace(whole, info=replace(whole.info, duration_s=9.0))
    job = context(tmp_path, lying)
    assert measure_sources(job)
    assert job.fetched[whole.uri].info.duration_s == pytest.approx(2, abs=0.05)
    assert not measure_sources(job), "it has been asked"


def test_what_is_there_and_gives_nothing_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="only 3 s of 9 s") as error:
        check_whole(context(tmp_path, source()), SHORT)
    assert (error.value.reason, error.value.log_tail) == ("SourceCorrupt", "why")


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (SHORT, "only 1 of its 2 bytes are there"),
        (CUT, ""),
        (UnexpectedLengthError("OutputInvalid", "too long"), ""),
        (JobError("RunawayOutput", "too much"), ""),
    ],
)
def test_other_failures_stay_what_they_are(tmp_path: Path, error: JobError, missing: str) -> None:
    film = source()
    check_whole(context(tmp_path, replace(film, info=replace(film.info, missing=missing))), error)


def test_other_failures_say_nothing_of_times() -> None:
    assert all(map(is_of_times, (SHORT, CUT, JobError("RunawayOutput", ""))))
    assert not is_of_times(JobError("EncoderFailed", ""))
