"""Three sizes of one 1080p clip in one job, with one decode, against three jobs."""

from __future__ import annotations

import statistics

from bench.films import film
from bench.pipeline import Pipeline, pipeline
from bench.result import Result
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings

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
    apart = sum(through.run(Transcode(source, (output,)))[0] for output in outputs)
    print(f"together {together:.2f} s, apart {apart:.2f} s", flush=True)
    return apart / together


if __name__ == "__main__":
    main()
