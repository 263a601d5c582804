"""Files whose headers lie, through the worker: the worst time as a multiple of plain decoding."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bench.result import Result
from tests.support.cases.case import plain
from tests.support.cases.lies import LIES
from tests.support.cases.trial import Outcome, Trial
from tests.support.pipeline import pipeline

#: What is not done by then counts as this long.
WITHIN_S = 60.0
#: What a process of ffmpeg takes to start and to end, where there is nothing to decode.
LEAST_S = 0.25
#: Of each the median counts; a job that keeps to the goal at once is not run again.
RUNS = 3
GOAL = 10

JOBS: dict[str, Callable[[Trial, Path], Outcome]] = {
    "transcode": lambda trial, path: trial.transcode(path),
    "preview": lambda trial, path: trial.preview(path),
    "render": lambda trial, path: trial.render((path, 0.0, None)),
    "render of a second": lambda trial, path: trial.render((path, 0.1, 1.1)),
}


def main() -> None:
    """Run it."""
    with pipeline() as running:
        trial = Trial(running.folder, lambda work: running.attempt(work, WITHIN_S))
        trial.transcode(plain(running.folder).path)  # a worker asks ffmpeg once what it can do
        worst = max(_multiple(trial, path, name) for path in [lie(running.folder) for lie in LIES] for name in JOBS)
    Result("runaway", worst, "times as long", GOAL, "lower").show()


def _multiple(trial: Trial, path: Path, name: str) -> float:
    multiple, text = _compared(trial, path, name)
    if multiple > GOAL:
        multiple, text = sorted([(multiple, text), *(_compared(trial, path, name) for _ in range(RUNS - 1))])[RUNS // 2]
    print(f"{path.name}, {name}: {text}", flush=True)
    return multiple


def _compared(trial: Trial, path: Path, name: str) -> tuple[float, str]:
    """What a job takes as a multiple of plain decoding, and in words; that a file is refused is an end as well."""
    plain_s = max(LEAST_S, statistics.median(_decode(path) for _ in range(RUNS)))
    begun = time.monotonic()
    status = JOBS[name](trial, path).status
    took_s = time.monotonic() - begun
    ended = status.failure.reason if status.failure else status.status
    return took_s / plain_s, f"{took_s:.2f} s, plain {plain_s:.2f} s: {took_s / plain_s:.1f}, {ended}"


def _decode(path: Path) -> float:
    """Seconds that ffmpeg takes for every frame as it comes; a file that it refuses costs its start."""
    every = ("-map", "0:v:0?", "-map", "0:a:0?", "-fps_mode", "passthrough", "-f", "null", "-")
    begun = time.monotonic()
    subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-i", f"file:{path}", *every], check=False, timeout=WITHIN_S)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
