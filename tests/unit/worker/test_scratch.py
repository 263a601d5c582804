"""A job's scratch folder belongs to one attempt at a time, and to the next one where there will be one."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from videojobs_worker.errors import ClaimLostError, JobError, StoppedError
from videojobs_worker.pipeline.scratch import scratch_folder


def left_behind(temp: Path, error: BaseException | None) -> bool:
    """Whether a next attempt finds what one has written that ends with an error."""
    with contextlib.suppress(Exception), scratch_folder(temp, "job") as folder:
        (folder / "part.mp4").touch()
        if error:
            raise error
    with scratch_folder(temp, "job") as again:
        return (again / "part.mp4").exists()


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (None, False),
        (JobError("SourceCorrupt", "for good"), False),
        (JobError("StorageUnavailable", "may pass", retryable=True), True),
        (JobError("DiskFull", "its own files fill the disk", retryable=True), False),
        (StoppedError("Cancelled", "not wanted"), False),
        (ClaimLostError(), True),
        (ValueError("a bug"), False),
    ],
)
def test_it_is_kept_for_a_retry_alone(tmp_path: Path, error: BaseException | None, kept: bool) -> None:
    assert left_behind(tmp_path, error) == kept


def test_two_attempts_at_the_same_time_have_a_folder_each(tmp_path: Path) -> None:
    with scratch_folder(tmp_path, "job") as first, scratch_folder(tmp_path, "job") as second:
        assert first != second
        (first / "a").touch()
        (second / "b").touch()
        assert [each.name for each in second.iterdir()] == ["b"]
    assert not list(tmp_path.iterdir())


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "theirs").touch()
    temp = tmp_path / "temp"
    temp.mkdir()
    (temp / "job-job-0").symlink_to(victim)
    with pytest.raises(OSError, match="Not a directory"), scratch_folder(temp, "job"):
        pass
    assert (victim / "theirs").exists()
