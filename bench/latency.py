"""How long from ``kubectl apply`` to Running, with a worker that waits: the delay that a user feels.

    python -m bench.latency [--runs 50]

Measured from just before the request that creates the VideoJob to the moment when a watch of the API server
shows it Running. The worker is the real one, in a Celery process of its own, and it really transcodes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.result import Result
from bench.stand import JOBS, ROOT, Api, Phases, Stand, manifest, standing
from tests.support import clips
from videojobs_protocol import keys

GOAL_S = 0.15
WARM_UP = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    runs = parser.parse_args().runs
    with standing() as stand, working(stand):
        clip = clips.clip(stand.folder / "in.mp4", seconds=2)
        phases = Phases(stand.api())
        phases.start()
        api = stand.api()
        found = [one(api, phases, clip, number) for number in range(WARM_UP + runs)][WARM_UP:]
    report(found)


def one(api: Api, phases: Phases, clip: Path, number: int) -> tuple[float, float]:
    """Seconds to Queued and to Running of one job; returns when it is done and the worker idle again."""
    name = f"job-{number}"
    spec = {
        "transcode": {"source": {"uri": f"file://{clip}"}, "outputs": [{"uri": f"file://{clip.parent}/{name}.mp4"}]}
    }
    began = time.monotonic()
    api.request("POST", JOBS, manifest(name, spec))
    queued = phases.wait(name, "Queued") - began
    running = phases.wait(name, "Running") - began
    phases.wait(name, "Succeeded")
    return queued, running


@contextlib.contextmanager
def working(stand: Stand) -> Iterator[None]:
    """A Celery worker with one process, ready to take work."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("protocol", "worker")),
        "REDIS_URL": stand.redis.url,
        "CELERY_BROKER_URL": stand.redis.url,
        "TEMP_DIR": str(stand.folder / "tmp"),
        "VIDEOJOBS_MEDIA_ROOTS": str(stand.folder),
    }
    command = [
        sys.executable, "-m", "celery", "-A", "videojobs_worker.celery_app", "worker",
        "--queues=transcode_queue", "--concurrency=1", "--hostname=worker@bench",
        "--without-gossip", "--without-mingle", "--loglevel=info",
    ]  # fmt: skip
    (stand.folder / "tmp").mkdir()
    with (stand.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for_heartbeat(stand, worker)
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)


def wait_for_heartbeat(stand: Stand, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    client = stand.redis.client()
    while not client.exists(keys.worker("worker@bench")):
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((stand.folder / "worker.log").read_text())
        time.sleep(0.05)


def report(found: list[tuple[float, float]]) -> None:
    for name, column in (("Queued", [queued for queued, _ in found]), ("Running", [running for _, running in found])):
        ordered = sorted(column)
        p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]
        print(f"apply to {name:8} p50 {p50 * 1000:5.0f} ms  p95 {p95 * 1000:5.0f} ms  max {ordered[-1] * 1000:5.0f} ms")
    Result("latency", statistics.median(running for _, running in found), "s", GOAL_S, "lower").show()


if __name__ == "__main__":
    main()
