"""Three sizes of one 1080p clip in one job, with one decode, against three jobs."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.pipeline import Pipeline, pipeline
from bench.result import Result
from tests import media
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings

HEIGHTS = (480, 360, 240)
RUNS = 3


def main() -> None:
    """Run it."""
    with pipeline() as through:
        source = f"file://{_film(through.folder / 'film.mp4')}"
        ratios = [_ratio(through, source) for _ in range(RUNS + 1)][1:]
    Result("multi-output", statistics.median(ratios), "times as fast", 1.4, "higher").show()


def _film(path: Path) -> Path:
    """20 s coded as films are: grain, CABAC, B-frames, deblocking."""
    picture = "testsrc2=size=1920x1080:rate=30:duration=20,noise=alls=12:allf=t"
    media.ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-crf", "20", "-pix_fmt", "yuv420p", str(path))
    return path


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
