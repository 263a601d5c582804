"""VideoJobs on their way, live in the terminal."""

from __future__ import annotations

import time
from typing import Any

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from hack.cluster_access import Cluster
from hack.install import console

Resource = dict[str, Any]
ENDED = ("Succeeded", "Failed")


def videojobs(cluster: Cluster, namespace: str, manifests: str) -> list[Resource]:
    """The VideoJobs of a folder of manifests."""
    return list(cluster.get("-n", namespace, "-f", manifests)["items"])


def watch(cluster: Cluster, namespace: str, manifests: str, timeout_s: float) -> list[Resource]:
    """Show the VideoJobs of a folder of manifests until all have ended, and return them.

    Raises:
        TimeoutError: some had not ended in time.
    """
    deadline = time.monotonic() + timeout_s
    shown = ""
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            jobs = videojobs(cluster, namespace, manifests)
            live.update(_table(jobs))
            if not console.is_terminal:
                shown = _print_changes(jobs, shown)
            if jobs and all(phase(job) in ENDED for job in jobs):
                return jobs
            if time.monotonic() > deadline:
                waiting = [job["metadata"]["name"] for job in jobs if phase(job) not in ENDED]
                raise TimeoutError(f"after {timeout_s:.0f} s these have not ended: {', '.join(waiting)}")
            time.sleep(0.3)


def phase(job: Resource) -> str:
    """The phase, Pending before the operator has seen the resource."""
    return str(job.get("status", {}).get("phase", "Pending"))


def percent(job: Resource) -> int:
    """Progress of the attempt."""
    return int(job.get("status", {}).get("progress", {}).get("percent", 0))


def _table(jobs: list[Resource]) -> Table:
    table = Table("VideoJob", "Kind", "Phase", "Progress", "", "Message", box=None, pad_edge=False)
    for job in jobs:
        status = job.get("status", {})
        table.add_row(
            job["metadata"]["name"],
            status.get("kind", ""),
            phase(job),
            ProgressBar(total=100, completed=percent(job), width=30),
            f"{percent(job)}%",
            status.get("progress", {}).get("message", ""),
        )
    return table


def _print_changes(jobs: list[Resource], shown: str) -> str:
    """Where there is no terminal, such as in CI, a line for each change instead of a live table."""
    line = "  ".join(f"{job['metadata']['name']}={phase(job)}:{percent(job)}%" for job in jobs)
    if line != shown:
        console.print(line)
    return line
