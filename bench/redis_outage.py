"""A Redis that is gone for five minutes in the middle of an encode of six, against none that goes: wall time.

    python -m bench.redis_outage [--encode-s 360] [--outage-s 300]

Everything is real: API server, operator, Redis (which comes back empty), the Celery worker and its ffmpeg.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path

from bench.films import film
from bench.latency import working
from bench.result import Result
from bench.stand import JOBS, Api, Phases, Stand, manifest, standing

GOAL = 1.05
#: Long enough for the speed of the encoder, too short to be a part of the wait.
SAMPLE_S = 20


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encode-s", type=float, default=360)
    parser.add_argument("--outage-s", type=float, default=300)
    asked = parser.parse_args()
    with standing() as stand, working(stand):
        phases, api = Phases(stand.api()), stand.api()
        phases.start()
        sample = film(stand.folder / "sample.mp4", "1280x720", "4M", SAMPLE_S)
        speed = SAMPLE_S / encoded_s(api, phases, sample)
        source = film(stand.folder / "source.mp4", "1280x720", "4M", SAMPLE_S, round(asked.encode_s * speed))
        without = encoded_s(api, phases, source)
        outage = threading.Timer((without - asked.outage_s) / 2, absent, [stand, asked.outage_s])
        outage.start()
        with_outage = encoded_s(api, phases, source)
        outage.join()
        status = api.request("GET", f"{JOBS}/{name_of(source, 1)}")["status"]
    print(f"without {without:.1f} s, with an outage of {asked.outage_s:.0f} s {with_outage:.1f} s", flush=True)
    if status["attempt"] != 1:
        raise SystemExit(f"it took {status['attempt']} attempts")
    Result("redis-outage", with_outage / without, "times as long", GOAL, "lower").show()


def name_of(source: Path, number: int) -> str:
    """Of the VideoJob that transcodes it for the ``number``-th time."""
    return f"{source.stem}-{number}"


def encoded_s(api: Api, phases: Phases, source: Path) -> float:
    """Seconds from its creation to its success."""
    number = sum(each.startswith(source.stem) for each in phases.seen)
    name = name_of(source, number)
    output = {"uri": f"file://{source.parent}/{name}-out.mp4", "video": {"codec": "h264", "crf": 23, "width": 960}}
    spec = {"transcode": {"source": {"uri": f"file://{source}"}, "outputs": [output]}, "backoffLimit": 0}
    began = time.monotonic()
    api.request("POST", JOBS, manifest(name, spec))
    return phases.wait(name, "Succeeded", 3600) - began


def absent(stand: Stand, seconds: float) -> None:
    """Kill Redis, and start it again, empty, after so long."""
    stand.redis.stop()
    time.sleep(seconds)
    stand.redis.start()


if __name__ == "__main__":
    main()
