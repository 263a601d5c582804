"""Renders through the worker's pipeline, against bare ffmpeg that encodes the same timeline in full."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.films import coding, picture_of
from bench.pipeline import Pipeline, pipeline
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition
from videojobs_worker.media.render.composition import RenderSources, composed
from videojobs_worker.media.render.full import plan_render
from videojobs_worker.media.source import Source
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.processors import thread_count

#: Of the numbers that frames tell, and the rows in which they do.
BITS, ROWS = 16, 32
#: A clip, and where it is cut: path, start and end in seconds.
Cuts = Sequence[tuple[Path, float, float]]


def compare(
    make: Callable[[Path], Cuts],
    wanted: str,
    transition: Transition | None = None,
    runs: int = 3,
    frames: Sequence[int | None] = (),
) -> float:
    """How many times as long as the worker bare ffmpeg takes: one encoding against the median of ``runs``.

    Args:
        make: makes the clips in a folder, and says where they are cut.
        wanted: the strategy that is measured; another one ends the benchmark.
        transition: between all scenes.
        runs: of the worker.
        frames: numbers that the frames must show, None for one that is blended; anything else ends the benchmark.
    """
    with pipeline() as through:
        scenes = tuple(Scene(f"file://{path}", start, end) for path, start, end in make(through.folder))
        work = Render(scenes, MediaOutput(f"file://{through.folder}/out.mp4"), transition)
        took = statistics.median(_through_pipeline(through, work, wanted) for _ in range(runs))
        _check(frames, through.folder / "out.mp4")
        encoding = _in_full(through.folder, work)
        print(f"worker {took:.2f} s, ffmpeg in full {encoding:.2f} s", flush=True)
        return encoding / took


def clip(path: Path, seconds: int) -> Path:
    """What films cost, a keyframe every five seconds, with sound; in its last rows each frame tells its number."""
    bits = "if(mod(floor(N/pow(2\\,X))\\,2)\\,235\\,16)"
    bars = f"color=black:size={BITS}x2:rate=30,format=gray,geq=lum='{bits}',scale=1280:{ROWS}:flags=neighbor"
    picture = f"{picture_of('1280x720')}[p];{bars}[b];[p][b]overlay=0:{720 - ROWS},format=yuv420p"
    ffmpeg("-filter_complex", picture, "-f", "lavfi",
                 "-i", "sine=frequency=440:sample_rate=48000", "-t", str(seconds),
                 *coding("4M"), "-g", "150", "-c:a", "aac", str(path))  # fmt: skip
    return path


def numbers(path: Path) -> list[int]:
    """What the frames tell, modulo 2 ** BITS."""
    strip = f"crop=1280:{ROWS // 2}:0:{720 - ROWS * 3 // 4},scale={BITS}:1:flags=area,format=gray"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-vf",
        strip,
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-",
    ]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    rows = [data[at : at + BITS] for at in range(0, len(data), BITS)]
    return [sum(1 << bit for bit, level in enumerate(row) if level > 126) for row in rows]


def _check(frames: Sequence[int | None], path: Path) -> None:
    if not frames:
        return
    shown = numbers(path)
    wrong = [at for at, number in enumerate(frames) if number is not None and shown[at : at + 1] != [number % 2**BITS]]
    if wrong or len(shown) != len(frames):
        raise SystemExit(f"{len(shown)} frames, not {len(frames)}; wrong ones: {wrong[:9]}")


def _through_pipeline(through: Pipeline, work: Render, wanted: str) -> float:
    took, status = through.run(work)
    if status.details["plan"]["strategy"] != wanted:
        raise SystemExit(f"the worker did not do what is measured: {status.details}")
    print(f"  {took:.2f} s: {status.details['plan']['reason']}", flush=True)
    return took


def _in_full(folder: Path, work: Render) -> float:
    known = {scene.uri: Path(scene.uri.removeprefix("file://")) for scene in work.scenes}
    sources = [Source(scene.uri, known[scene.uri], probe(str(known[scene.uri]), scene.uri)) for scene in work.scenes]
    plan = plan_render(composed(work, RenderSources(sources)), folder / "full.mp4", thread_count())
    begun = time.monotonic()
    for step in plan.steps:
        subprocess.run(step.arguments, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return time.monotonic() - begun
