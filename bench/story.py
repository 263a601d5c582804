"""What is told of one encode of half a minute or more, and when."""

from __future__ import annotations

import time

from bench.celery_worker import Served
from tests.support import clips
from videojobs_protocol.progress import TaskStatus


def encode(worker: Served) -> list[tuple[float, TaskStatus]]:
    """Moments in seconds, and what was told then."""
    clip = clips.clip(worker.folder / "clip.mp4", 75, "1280x720", "30")
    task_id = worker.send("transcode_task", "transcode_queue", str(clip), {"codec": "h265", "height": 480})
    story = [(time.monotonic(), status) for status in worker.follow(task_id)]
    if story[-1][1].status != "completed":
        raise SystemExit(f"the worker failed: {story[-1][1].failure}")
    return story
