"""A job's scratch folder, which a next attempt on the same node takes over with the steps finished in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from videojobs_worker.errors import JobError


@contextlib.contextmanager
def scratch_folder(temp_dir: Path, job_id: str) -> Iterator[Path]:
    """The folder of a job, for one attempt at a time; a second one at the same time gets another for itself.

    It is removed at the end, and kept where the process dies or the failure is retried. What nobody takes over is
    removed by the cleanup task.
    """
    temp_dir.mkdir(parents=True, exist_ok=True)
    folder = temp_dir / f"job-{job_id}-0"
    lock = _locked(folder)
    if lock is None:
        with tempfile.TemporaryDirectory(prefix=f"job-{job_id}-", dir=temp_dir) as another:
            yield Path(another)
        return
    kept = False
    try:
        yield folder
    except JobError as error:
        kept = error.retryable and error.reason != "DiskFull"
        raise
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """The folder, open and locked; None where another process works in it. The kernel unlocks a dead one's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.stat().st_ino == os.fstat(lock).st_ino:  # nobody has removed it before it was locked
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
