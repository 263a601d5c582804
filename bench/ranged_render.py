"""10 s out of an object of 10 GB on a real S3 server, against fetching all of it first."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from bench.films import film
from bench.pipeline import Pipeline, pipeline
from bench.result import Result
from bench.spread_mp4 import spread
from tests.support.s3_server import BUCKET, S3Server
from videojobs_protocol.work import MediaOutput, Render, Scene
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.reservation import require_room

OBJECT_BYTES = 10 * 10**9
URI = f"s3://{BUCKET}/film.mp4"
RUNS = 5


def main() -> None:
    """Run it."""
    with S3Server() as server:
        os.environ.update(server.environment)  # before the worker makes its client
        with pipeline() as through:
            small = film(through.folder / "small.mp4", "640x360", "1M", 20, repeated_s=600)  # its reading is measured
            spread(small, server.bucket / "film.mp4", OBJECT_BYTES)
            took, read = _in_place(through)
            print(f"in place {took:.2f} s, {read / 1e6:.1f} MB read", flush=True)
            whole = _whole(through)
            print(f"fetched whole {whole:.1f} s", flush=True)
    Result("ranged-render", whole / took, "times as fast", 20, "higher").show()


def _work(through: Pipeline, uri: str) -> Render:
    return Render((Scene(uri, 300, 310),), MediaOutput(f"file://{through.folder}/out.mp4"))


def _in_place(through: Pipeline) -> tuple[float, int]:
    runs = [through.run(_work(through, URI)) for _ in range(RUNS)]
    return statistics.median(took for took, _ in runs), runs[0][1].details["read"]["bytes"]


def _whole(through: Pipeline) -> float:
    """As a worker does that cannot read parts: all into its scratch folder, then the render of the local file."""
    begun = time.monotonic()
    places = Places((through.folder,), through.worker.settings.reach, 10**12)
    fetched = places.source(URI, through.folder, Stopper(), lambda *_: None, require_room).path
    took = time.monotonic() - begun
    local = through.folder / "fetched.mp4"
    fetched.rename(local)
    rendered = through.run(_work(through, f"file://{local}"))[0]
    Path(local).unlink()
    return took + rendered


if __name__ == "__main__":
    main()
