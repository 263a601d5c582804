"""A 60 s 720p transcode through the real worker, against bare ffmpeg with the same arguments, in turn."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery

from bench.result import Result
from tests.support import clips
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.attempt import Attempt
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.queues import RUN_ATTEMPT_TASK
from videojobs_protocol.work import MediaOutput, Transcode, VideoSettings
from videojobs_worker.media.source import Source
from videojobs_worker.media.transcode.output_plans import output_plans
from videojobs_worker.media.transcode.transcode_runs import plan_transcode
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.installed_ffmpeg import installed
from videojobs_worker.process.processors import thread_count

#: Without one the picture would be copied: it is h264 already.
QUALITY = VideoSettings(crf=23)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="pairs to run (default: 7)")
    parser.add_argument("--seconds", type=int, default=60, help="length of the clip (default: 60)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="videojobs-bench-") as name, RedisServer() as server:
        folder = Path(name)
        clip = clips.clip(folder / "clip.mp4", options.seconds, "1280x720", "30")
        with worker(server, folder) as app:
            ratios = [pair(app, server, folder, clip, number) for number in range(options.runs + 1)][1:]
    Result("worker-overhead", statistics.median(ratios), "ratio", 1.03, "lower").show()


@contextmanager
def worker(server: RedisServer, folder: Path) -> Iterator[Celery]:
    """A Celery worker process, as a pool's pod runs it."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "REDIS_URL": server.url,
        "VIDEOJOBS_MEDIA_ROOTS": str(folder),
        "TEMP_DIR": str(folder / "temp"),
    }
    arguments = ["-A", "videojobs_worker.celery_app", "worker", "-Q", "transcode_queue", "--concurrency=1"]
    command = [sys.executable, "-m", "celery", *arguments, "--without-gossip", "--without-mingle", "--loglevel=warning"]
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command], env=environment)
    try:
        yield Celery("bench", broker=server.url, set_as_current=False)
    finally:
        process.terminate()
        process.wait()


def pair(app: Celery, server: RedisServer, folder: Path, clip: Path, number: int) -> float:
    """One ratio: through the worker over bare, which take turns in going first. Pair 0 only warms up."""
    if number % 2:
        through, bare = through_worker(app, server, folder, clip), bare_ffmpeg(folder, clip)
    else:
        bare, through = bare_ffmpeg(folder, clip), through_worker(app, server, folder, clip)
    print(f"pair {number}: worker {through:.2f} s, ffmpeg {bare:.2f} s, ratio {through / bare:.4f}", flush=True)
    return through / bare


def through_worker(app: Celery, server: RedisServer, folder: Path, clip: Path) -> float:
    """Seconds from sending the task to its last word: fetch, probe, encode, verify, checksum, commit."""
    work = Transcode(f"file://{clip}", (MediaOutput(f"file://{folder}/out.mp4", video=QUALITY),))
    attempt = Attempt(str(uuid.uuid4()), "bench", "bench", 1, work)
    with server.client() as client, client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(keys.task_progress(attempt.task_id))
        begun = time.monotonic()
        app.send_task(RUN_ATTEMPT_TASK, [attempt.to_dict()], task_id=attempt.task_id, queue="transcode_queue")
        while True:
            message = listener.get_message(timeout=60)
            status = TaskStatus.from_json(message["data"]) if message else None
            if status and status.final:
                break
    if status.status != "completed":
        raise SystemExit(f"the worker failed: {status.failure}")
    return time.monotonic() - begun


def bare_ffmpeg(folder: Path, clip: Path) -> float:
    """Seconds of ffmpeg alone, with the arguments that the worker's plan has."""
    output = folder / "bare.mp4"
    work = Transcode(f"file://{clip}", (MediaOutput(f"file://{output}", video=QUALITY),))
    source = Source(work.uri, clip, probe(str(clip), work.uri))
    (step,) = plan_transcode(output_plans(work, source), source, [output], thread_count(), ffmpeg=installed()).steps
    begun = time.monotonic()
    subprocess.run(step.arguments, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
