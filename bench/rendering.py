"""Renders through the worker's pipeline, against bare ffmpeg that encodes the same timeline in full."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import media
from tests.redis_server import RedisServer
from videojobs_protocol.claims import Claims
from videojobs_protocol.progress import WorkerIdentity
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition
from videojobs_worker.media.plan import Input
from videojobs_worker.media.probe import probe
from videojobs_worker.media.render import plan_render
from videojobs_worker.pipeline.job import Job
from videojobs_worker.pipeline.runner import Worker, run_job
from videojobs_worker.process.processors import thread_count
from videojobs_worker.settings import load

#: A clip, and where it is cut: path, start and end in seconds.
Cuts = Sequence[tuple[Path, float, float]]


def compare(make: Callable[[Path], Cuts], wanted: str, transition: Transition | None = None, runs: int = 3) -> float:
    """How many times as long as the worker bare ffmpeg takes: one encoding against the median of ``runs``.

    Args:
        make: makes the clips in a folder, and says where they are cut.
        wanted: the strategy that is measured; another one ends the benchmark.
        transition: between all scenes.
        runs: of the worker.
    """
    with tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name, RedisServer() as server:
        folder = Path(name)
        scenes = tuple(Scene(f"file://{path}", start, end) for path, start, end in make(folder))
        work = Render(scenes, MediaOutput(f"file://{folder}/out.mp4"), transition)
        took = statistics.median(_through_pipeline(server, folder, work, wanted) for _ in range(runs))
        encoding = _in_full(folder, work)
        print(f"worker {took:.2f} s, ffmpeg in full {encoding:.2f} s", flush=True)
        return encoding / took


def clip(path: Path, seconds: int) -> Path:
    """720p at 30 frames a second, a keyframe every five seconds, with sound."""
    return media.clip(path, seconds, "1280x720", "30", gop=150)


def _through_pipeline(server: RedisServer, folder: Path, work: Render, wanted: str) -> float:
    with server.client() as client:
        environment = {
            "REDIS_URL": server.url, "VIDEOJOBS_MEDIA_ROOTS": str(folder), "TEMP_DIR": str(folder / "temp"),
        }  # fmt: skip
        worker = Worker(load(environment), client, WorkerIdentity("bench"), "bench/1", Claims(client))
        name = str(uuid.uuid4())
        begun = time.monotonic()
        status = run_job(worker, Job(name, f"{name}-1", 1, work))
        took = time.monotonic() - begun
    if status is None or status.status != "completed" or status.details["plan"]["strategy"] != wanted:
        raise SystemExit(f"the worker did not do what is measured: {status}")
    print(f"  {took:.2f} s: {status.details['plan']['reason']}", flush=True)
    return took


def _in_full(folder: Path, work: Render) -> float:
    known = {scene.uri: Path(scene.uri.removeprefix("file://")) for scene in work.scenes}
    sources = [Input(scene.uri, known[scene.uri], probe(str(known[scene.uri]), scene.uri)) for scene in work.scenes]
    plan = plan_render(work, sources, folder / "full.mp4", folder, thread_count())
    begun = time.monotonic()
    for step in plan.steps:
        subprocess.run(step.arguments, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return time.monotonic() - begun
