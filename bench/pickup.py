"""From a direct task's apply_async to its ffmpeg, with a warm worker: the 95th percentile."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench.celery_worker import Served, served
from bench.result import Result
from tests.support import clips

RUNS = 100
WARM_UP = 5


def main() -> None:
    """Run it."""
    with tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name:
        told = Path(name) / "started"
        _front(Path(name) / "ffmpeg", told)
        with served({"PATH": f"{name}:{os.environ['PATH']}"}) as worker:
            clip = clips.clip(worker.folder / "clip.mp4", seconds=1)
            found = sorted([_one(worker, clip, told) for _ in range(WARM_UP + RUNS)][WARM_UP:])
    at_95 = found[int(0.95 * RUNS) - 1]
    print(f"median {statistics.median(found):.4f} s, least {found[0]:.4f} s, most {found[-1]:.4f} s")
    Result("pickup", at_95, "s", 0.05, "lower").show()


def _front(path: Path, told: Path) -> None:
    """An ffmpeg that says when it was started, before it becomes the real one."""
    path.write_text(f'#!/bin/bash\nprintf %s "$EPOCHREALTIME" > {told}\nexec {shutil.which("ffmpeg")} "$@"\n')
    path.chmod(0o755)


def _one(worker: Served, clip: Path, told: Path) -> float:
    told.unlink(missing_ok=True)
    sent = time.time()
    task_id = worker.send("transcode_task", "transcode_queue", str(clip), {"height": 90})
    while not (told.exists() and (text := told.read_text())):
        time.sleep(0.001)
    worker.finish(task_id)
    return float(text) - sent


if __name__ == "__main__":
    main()
