"""Many VideoJobs at once: none lost, none sent twice, and what they cost.

    python -m bench.burst [--jobs 500]

The workers are scripted, so that the operator alone is measured: each message is taken from the real queue,
claimed, reported as running and completed, with its claims and statuses in the real Redis.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections import Counter
from itertools import count

import psutil

from bench.result import Result
from bench.stand import JOBS, Phases, Stand, manifest, standing
from tests.integration.scripted_worker import ScriptedWorker

GOAL_WRITES = 6.0
WRITERS = 4
WORKERS = 2
SPEC = {"transcode": {"source": {"uri": "file:///media/in.mp4"}, "outputs": [{"uri": "file:///media/out.mp4"}]}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    jobs = parser.parse_args().jobs
    with standing() as stand:
        measure(stand, jobs)


def measure(stand: Stand, jobs: int) -> None:
    phases = Phases(stand.api())
    phases.start()
    rss_before, began = rss(stand), time.monotonic()
    ids: Counter[str] = Counter()
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stand, ids, stop)) for _ in range(WORKERS)]
    shares = [range(first, jobs, WRITERS) for first in range(WRITERS)]
    threads += [threading.Thread(target=create, args=(stand, share)) for share in shares]
    for thread in threads:
        thread.start()
    wait_for_all(phases, jobs, began)
    took_s = time.monotonic() - began
    stop.set()
    for thread in threads:
        thread.join()
    wait_for_finalizers(stand)
    tell(stand, jobs, ids, took_s, rss_before)


def create(stand: Stand, numbers: range) -> None:
    api = stand.api()
    for number in numbers:
        api.request("POST", JOBS, manifest(f"job-{number}", SPEC))


def work(stand: Stand, ids: Counter[str], stop: threading.Event) -> None:

    name = f"worker@{threading.get_ident()}"
    with ScriptedWorker(stand.redis.url, name) as worker:
        while not stop.is_set():
            try:
                taken = worker.take_any("transcode_queue", 0.5)
            except queue.Empty:
                continue
            ids[taken.attempt.task_id] += 1
            if taken.begin() == "held":
                taken.report(50)
                taken.succeed()


def wait_for_all(phases: Phases, jobs: int, began: float) -> None:
    for look in count():
        done = phases.count("Succeeded")
        if look % 20 == 0:
            print(f"{time.monotonic() - began:6.1f} s  {done} of {jobs} succeeded")
        if done == jobs:
            return
        if time.monotonic() - began > 600:
            raise TimeoutError(f"only {done} of {jobs} succeeded")
        time.sleep(0.25)


def wait_for_finalizers(stand: Stand) -> None:
    """The last write to a job: what it costs is to be counted."""
    api = stand.api()
    while any(job["metadata"].get("finalizers") for job in api.request("GET", JOBS)["items"]):
        time.sleep(0.5)


def tell(stand: Stand, jobs: int, ids: Counter[str], took_s: float, rss_before: float) -> None:
    items = stand.api().request("GET", JOBS)["items"]
    outcomes = Counter((job["status"]["phase"], job["status"]["attempt"]) for job in items)
    writes = api_writes(stand)
    print(f"{jobs} VideoJobs in {took_s:.1f} s ({jobs / took_s:.0f}/s)")
    print(f"phases and attempts: {dict(outcomes)}")
    print(f"messages: {sum(ids.values())}, distinct: {len(ids)}")
    print(f"operator: RSS {rss_before:.0f} MB before, {rss(stand):.0f} MB after")
    for what, number in sorted(writes.items()):
        print(f"  {number / jobs:5.2f} a VideoJob: {what}")
    assert outcomes == {("Succeeded", 1): jobs}, outcomes
    assert len(ids) == jobs, len(ids)
    total = sum(number for what, number in writes.items() if "videojobs" in what)
    Result("burst", total / jobs, "API writes per VideoJob", GOAL_WRITES, "lower").show()


def rss(stand: Stand) -> float:
    """Megabytes that the operator holds."""
    assert stand.operator.process is not None
    return float(psutil.Process(stand.operator.process.pid).memory_info().rss) / 1e6


def api_writes(stand: Stand) -> dict[str, float]:
    """Writes so far, by verb, resource and code."""
    name = "videojobs_api_requests_total"
    lines = stand.operator.probe("/metrics")[1].splitlines()
    return {
        line[len(name) :].rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)
    }


if __name__ == "__main__":
    main()
