"""Ten pictures of a clip of 600 s through the worker, against decoding all of it."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from bench.films import film
from bench.pipeline import pipeline
from bench.result import Result
from videojobs_protocol.work import Preview

RUNS = 5


def main() -> None:
    """Run it."""
    with pipeline() as through:
        source = film(through.folder / "film.mp4", "1280x720", "4M", 47, repeated_s=600)
        work = Preview(f"file://{source}", f"file://{through.folder}/frames", 10)
        took = statistics.median(through.run(work)[0] for _ in range(RUNS))
        whole = statistics.median(_decode(source) for _ in range(3))
        print(f"worker {took:.3f} s, decoding all {whole:.2f} s", flush=True)
    Result("previews", whole / took, "times as fast", 60, "higher").show()


def _decode(source: Path) -> float:
    begun = time.monotonic()
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(source), "-map", "0:v", "-f", "null", "-"], check=True)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
