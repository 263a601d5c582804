"""Renders through the worker's pipeline, against bare ffmpeg that encodes the same timeline in full."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.pipeline import Pipeline, pipeline
from tests import media
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition
from videojobs_worker.media.plan import Input
from videojobs_worker.media.probe import probe
from videojobs_worker.media.render import plan_render
from videojobs_worker.process.processors import thread_count

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
    with pipeline() as through:
        scenes = tuple(Scene(f"file://{path}", start, end) for path, start, end in make(through.folder))
        work = Render(scenes, MediaOutput(f"file://{through.folder}/out.mp4"), transition)
        took = statistics.median(_through_pipeline(through, work, wanted) for _ in range(runs))
        encoding = _in_full(through.folder, work)
        print(f"worker {took:.2f} s, ffmpeg in full {encoding:.2f} s", flush=True)
        return encoding / took


def clip(path: Path, seconds: int) -> Path:
    """720p at 30 frames a second, a keyframe every five seconds, with sound."""
    return media.clip(path, seconds, "1280x720", "30", gop=150)


def _through_pipeline(through: Pipeline, work: Render, wanted: str) -> float:
    took, status = through.run(work)
    if status.details["plan"]["strategy"] != wanted:
        raise SystemExit(f"the worker did not do what is measured: {status.details}")
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
