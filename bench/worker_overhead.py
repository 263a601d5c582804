"""What the worker costs over bare ffmpeg: the same source, the same arguments, the same machine.

Both are timed by their user's clock. The worker's time runs from sending the Celery message to the final status, so
that the broker, the claim, two probes, progress, the verification, the checksum and the commit are all in it.
Pairs run one after another in changing order, so that a busy machine hits both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import redis
from celery import Celery

from tests import media
from tests.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.attempt import Attempt
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.queues import RUN_ATTEMPT_TASK
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings
from videojobs_worker.media.plan import Input
from videojobs_worker.media.probe import probe
from videojobs_worker.media.transcode import plan_transcode
from videojobs_worker.process.processors import thread_count

GOAL = 1.05
PATIENCE_S = 600.0
QUEUE = "transcode_queue"


@dataclass(frozen=True)
class Lane:
    """Where the worker's jobs go in and come out."""

    app: Celery
    client: redis.Redis
    folder: Path

    def transcode(self, source: Path) -> float:
        """Seconds from sending to the final status."""
        target = self.folder / f"worker-{uuid.uuid4().hex}.mp4"
        attempt = Attempt(str(uuid.uuid4()), "bench", "bench", 1, work(source, target))
        with self.client.pubsub(ignore_subscribe_messages=True) as listener:
            listener.subscribe(keys.task_progress(attempt.task_id))
            listener.get_message(timeout=5)
            began = time.perf_counter()
            self.app.send_task(RUN_ATTEMPT_TASK, args=[attempt.to_dict()], task_id=attempt.task_id, queue=QUEUE)
            status = _final(listener, began + PATIENCE_S)
        spent = time.perf_counter() - began
        if status.status != "completed":
            raise RuntimeError(f"the worker failed: {status.failure}")
        target.unlink()
        return spent


def work(source: Path, target: Path) -> Transcode:
    """The work that both do."""
    output = MediaOutput(f"file://{target}", video=VideoSettings(codec="h264"))
    return Transcode(f"file://{source}", (output,))


def bare(source: Path, target: Path) -> float:
    """Seconds of ffmpeg alone, with the arguments that the worker's planner gives."""
    read = Input("", source, probe(str(source), ""))
    (step,) = plan_transcode(work(source, target), read, [target], thread_count()).steps
    began = time.perf_counter()
    subprocess.run(step.arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - began
    target.unlink()
    return spent


def measure(lane: Lane, source: Path, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of the worker and of bare ffmpeg, pair by pair."""
    ours, theirs = [], []
    for pair in range(pairs):
        if pair % 2:
            ours.append(lane.transcode(source))
            theirs.append(bare(source, lane.folder / "bare.mp4"))
        else:
            theirs.append(bare(source, lane.folder / "bare.mp4"))
            ours.append(lane.transcode(source))
        print(f"pair {pair + 1}: worker {ours[-1]:.2f} s, ffmpeg {theirs[-1]:.2f} s", flush=True)
    return ours, theirs


def main() -> int:
    """Measure, and print the ratio of the medians as the last line."""
    parser = argparse.ArgumentParser(prog="bench/run worker_overhead", description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="pairs after one that warms up (default 7)")
    parser.add_argument("--seconds", type=float, default=60, help="length of the 720p clip (default 60)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name, RedisServer() as server:
        folder = Path(name)
        source = media.clip(folder / "source.mp4", seconds=options.seconds, size="1280x720", fps="30")
        worker = _start_worker(server.url, folder)
        try:
            with server.client() as client, _app(server.url) as app:
                lane = Lane(app, client, folder)
                lane.transcode(source)
                ours, theirs = measure(lane, source, options.pairs)
        finally:
            worker.terminate()
            worker.wait(60)
    _tell(ours, theirs)
    return 0


def _final(listener: redis.client.PubSub, deadline: float) -> TaskStatus:
    while time.perf_counter() < deadline:
        message = listener.get_message(timeout=1)
        if message and (status := TaskStatus.from_json(message["data"])).final:
            return status
    raise TimeoutError(f"no final status within {PATIENCE_S:.0f} s")


def _app(url: str) -> Celery:
    app = Celery("bench", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"priority_steps": list(range(10)), "sep": "\x06\x16"}
    return app


def _start_worker(url: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "REDIS_URL": url,
        "VIDEOJOBS_MEDIA_ROOTS": str(folder),
        "TEMP_DIR": str(folder / "temp"),
    }
    command = [
        "setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-m", "celery",
        "-A", "videojobs_worker.celery_app", "worker", "-Q", QUEUE, "--concurrency=1",
        "--hostname=bench@local", "--without-gossip", "--without-mingle", "--loglevel=warning",
    ]  # fmt: skip
    with (folder / "worker.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _tell(ours: list[float], theirs: list[float]) -> None:
    ratios = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(f"medians: worker {statistics.median(ours):.3f} s, ffmpeg {statistics.median(theirs):.3f} s")
    print(f"ratio of single pairs: {ratios[0]:.3f} to {ratios[-1]:.3f}")
    value = round(statistics.median(ours) / statistics.median(theirs), 4)
    line = {"name": "worker_overhead", "value": value, "unit": "ratio", "goal": GOAL, "better": "lower"}
    print(json.dumps(line))


if __name__ == "__main__":
    sys.exit(main())
