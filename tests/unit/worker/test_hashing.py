"""A file's hash grows while something else reads it."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.file_target import FileTarget
from videojobs_worker.storage.hashing import HashedReader, sha256_of
from videojobs_worker.storage.target import Staged

BODY = bytes(range(256)) * 10_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(BODY)
    return tmp_path / "a"


@pytest.mark.parametrize(
    "seeks",
    [
        [],
        [(0, -1)],
        [(0, 1000), (1000, -1)],
        [(0, 1000), (0, -1)],  # from the beginning again, as a retry reads
        [(0, 3000), (1000, 3000)],  # half of it again
        [(5000, 100), (0, 10)],  # the middle, as of no use
    ],
)
def test_whatever_is_read_the_hash_is_that_of_the_whole(path: Path, seeks: list[tuple[int, int]]) -> None:
    with path.open("rb") as file:
        reader = HashedReader(file, Stopper())
        for at, size in seeks:
            reader.seek(at)
            assert reader.read(size) == BODY[at : at + size if size > 0 else None]
        assert reader.sha256() == hashlib.sha256(BODY).hexdigest()


def test_a_stop_ends_the_reading(path: Path) -> None:
    stopper = Stopper()
    with path.open("rb") as file:
        reader = HashedReader(file, stopper)
        reader.read(10)
        stopper.stop(StoppedError("Cancelled", "enough"))
        with pytest.raises(StoppedError, match="enough"):
            reader.sha256()
    with pytest.raises(StoppedError):
        sha256_of(path, stopper)


def test_a_stop_does_not_wait_for_a_volume_that_hangs(tmp_path: Path) -> None:
    """A FIFO that nobody writes to is as a file on a server that is away: opening it does not return."""
    target, stopper = FileTarget(tmp_path / "out.mp4"), Stopper()
    draft = target.draft("job", "1-00000001", tmp_path)
    os.mkfifo(draft)
    begun = threading.Event()

    def stage() -> Staged:
        begun.set()
        return target.stage(draft, "job", "1-00000001", stopper)

    stopping = threading.Thread(target=lambda: (begun.wait(30), stopper.stop(StoppedError("Cancelled", "enough"))))
    stopping.start()
    with pytest.raises(StoppedError):
        side_by_side([stage], stopper, 1)
    stopping.join()
    with draft.open("wb"):  # somebody has read, or is about to: the thread that was left behind ends
        pass
