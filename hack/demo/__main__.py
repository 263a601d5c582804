"""The demo, on the cluster that `make up` leaves."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from rich.table import Column, Table

from hack.cluster_access import Cluster, CommandError, connect
from hack.demo.media import folded, make_sources, probe
from hack.demo.watch import phase, watch
from hack.install import NAMESPACE, USE, console, timed

DEMO_NAMESPACE = "demo"
EXAMPLES = "examples/"
TIMEOUT_S = 600


def apply_examples(cluster: Cluster) -> None:
    """Apply examples/ anew, so that each demo shows the whole way; other jobs in the namespace are left alone."""
    if not cluster.kubectl("get", "namespace", DEMO_NAMESPACE, "--ignore-not-found"):
        cluster.kubectl("create", "namespace", DEMO_NAMESPACE)
    cluster.kubectl("delete", "-n", DEMO_NAMESPACE, "-f", EXAMPLES, "--ignore-not-found")
    console.print(cluster.kubectl("apply", "-n", DEMO_NAMESPACE, "-f", EXAMPLES).rstrip())


def results(cluster: Cluster, jobs: list[dict[str, Any]]) -> Table:
    """What was made, by ffprobe's word."""
    table = Table("VideoJob", Column("Output", overflow="fold"), "Codec", "Size", "Duration", "MB", "Seconds", box=None)
    for job in jobs:
        outputs = job["status"].get("outputs", [])
        for made in folded([probe(cluster, output["uri"].removeprefix("file://")) for output in outputs]):
            duration = f"{made.duration_s:.2f} s" if made.duration_s else ""
            name, seconds = job["metadata"]["name"], f"{_seconds(job):.1f}"
            path = made.path.removeprefix("/media/demo/out/")
            table.add_row(name, path, made.codecs, made.size, duration, f"{made.bytes / 1e6:.2f}", seconds)
    return table


def _seconds(job: dict[str, Any]) -> float:
    begun, ended = (datetime.fromisoformat(job["status"][key]) for key in ("startTime", "completionTime"))
    return (ended - begun).total_seconds()


def failures(jobs: list[dict[str, Any]]) -> list[str]:
    """A line for each VideoJob that did not succeed."""
    return [
        f"{job['metadata']['name']}: {job['status'].get('failure', {}).get('message', 'no reason given')}"
        for job in jobs
        if phase(job) != "Succeeded"
    ]


def tell_more(cluster: Cluster) -> None:
    """The commands to look further."""
    text = f"""
Files on this machine: {cluster.media}/demo/out
Look further:
  {USE}
  kubectl -n {DEMO_NAMESPACE} get videojobs -o wide
  kubectl -n {DEMO_NAMESPACE} describe videojob transcode
  kubectl -n {NAMESPACE} get workerpools,pods
  kubectl explain videojob.spec
Take it all away: make down"""
    console.print(text, markup=False, soft_wrap=True)  # what is to be copied stays in one line


def main() -> int:
    """Run the demo; 0 when every VideoJob made its outputs."""
    cluster = connect()
    timed("Sample media; demo/out is emptied", make_sources, cluster)
    timed(f"kubectl apply -f {EXAMPLES}", apply_examples, cluster)
    jobs = timed("VideoJobs", watch, cluster, DEMO_NAMESPACE, EXAMPLES, TIMEOUT_S)
    console.print(results(cluster, jobs))
    problems = failures(jobs)
    for problem in problems:
        console.print(problem, style="red", markup=False)
    tell_more(cluster)
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CommandError, TimeoutError) as error:
        console.print(str(error), style="red", markup=False)
        sys.exit(1)
