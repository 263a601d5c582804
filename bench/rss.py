"""Memory of one worker after 500 jobs over its memory after the 50th, parent and child together."""

from __future__ import annotations

from pathlib import Path

import psutil

from bench.celery_worker import Served, served
from bench.result import Result
from tests.support import clips

FIRST, LAST, EVERY = 50, 500, 10


def main() -> None:
    """Run it."""
    with served(None, "--max-tasks-per-child=100000") as worker:  # a new child would hide what the old one lost
        clip = clips.clip(worker.folder / "clip.mp4", seconds=1)
        memory = {number: _after(worker, clip, number) for number in range(1, LAST + 1)}
    print(f"after {FIRST}: {memory[FIRST] / 1e6:.1f} MB, after {LAST}: {memory[LAST] / 1e6:.1f} MB", flush=True)
    Result("rss", memory[LAST] / memory[FIRST], "ratio", 1.05, "lower").show()


def _after(worker: Served, clip: Path, number: int) -> int:
    if number % 2:
        worker.finish(worker.send("transcode_task", "transcode_queue", str(clip), {"height": 90}))
    else:
        worker.finish(worker.send("generate_preview_task", "preview_queue", str(clip), 2))
    if number % EVERY:
        return 0
    parent = psutil.Process(worker.process.pid)
    return sum(process.memory_info().rss for process in (parent, *parent.children()))


if __name__ == "__main__":
    main()
