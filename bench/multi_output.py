"""Three sizes of one 1080p clip in one job, with one decode, against three bare runs of ffmpeg."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from bench.films import film
from bench.pipeline import Pipeline, pipeline
from bench.result import Result
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings
from videojobs_worker.media.source import Source
from videojobs_worker.media.transcode.output_plans import output_plans
from videojobs_worker.media.transcode.transcode_runs import plan_transcode
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.installed_ffmpeg import installed
from videojobs_worker.process.processors import thread_count

HEIGHTS = (480, 360, 240)
RUNS = 3


def main() -> None:
    """Run it."""
    with pipeline() as through:
        path = film(through.folder / "film.mp4", "1920x1080", "8M", 20)
        ratios = [_ratio(through, path.as_uri()) for _ in range(RUNS + 1)][1:]
    Result("multi-output", statistics.median(ratios), "times as fast", 1.4, "higher").show()


def _ratio(through: Pipeline, source: str) -> float:
    outputs = [
        MediaOutput(f"file://{through.folder}/{height}.mp4", video=VideoSettings(height=height)) for height in HEIGHTS
    ]
    together, _ = through.run(Transcode(source, tuple(outputs)))
    apart = sum(_bare(through.folder, Transcode(source, (output,))) for output in outputs)
    print(f"together {together:.2f} s, apart {apart:.2f} s", flush=True)
    return apart / together


def _bare(folder: Path, work: Transcode) -> float:
    """Seconds that ffmpeg takes by itself for the same arguments."""
    path = Path(work.uri.removeprefix("file://"))
    source = Source(work.uri, path, probe(str(path), work.uri))
    plan = plan_transcode(output_plans(work, source), source, [folder / "bare.mp4"], thread_count(), ffmpeg=installed())
    begun = time.monotonic()
    for step in plan.steps:
        subprocess.run(step.arguments, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
