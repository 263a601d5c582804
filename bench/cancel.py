"""From a revoke with terminate to no ffmpeg and no partial file: the slowest of ten."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from bench.celery_worker import Served, served
from bench.result import Result
from tests.support import clips

RUNS = 10


def main() -> None:
    """Run it."""
    with served() as worker:
        clip = clips.clip(worker.folder / "clip.mp4", 60, "1280x720", "30")
        took = [_one(worker, clip) for _ in range(RUNS)]
    print(" ".join(f"{each:.2f}" for each in took), flush=True)
    Result("cancel", max(took), "s", 3.0, "lower").show()


def _one(worker: Served, clip: Path) -> float:
    task_id = worker.send("transcode_task", "transcode_queue", str(clip), {"codec": "h265"})
    next(status for status in worker.follow(task_id) if status.progress > 2)
    begun = time.monotonic()
    worker.app.control.revoke(task_id, terminate=True, signal="SIGTERM")
    while _left(worker):
        if time.monotonic() - begun > 60:
            raise SystemExit(f"left after a minute: {_left(worker)}")
        time.sleep(0.01)
    return time.monotonic() - begun


def _left(worker: Served) -> list[str]:
    children = psutil.Process(worker.process.pid).children(recursive=True)
    running = [str(child.pid) for child in children if _is_ffmpeg(child)]
    made = worker.folder / "made"
    return running + [str(path) for path in made.rglob("*") if path.is_file()]


def _is_ffmpeg(process: psutil.Process) -> bool:
    try:
        return process.name() == "ffmpeg"
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    main()
