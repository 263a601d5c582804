"""How many threads to use: the cgroup's quota, not the machine's processors.

ffmpeg counts the host's processors inside a container, and a thread for each of 64 of them on a quota of 2 is
slower than 2 threads and takes the memory of 64.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def thread_count(cgroup: Path = CGROUP) -> int:
    """Processors that this process may use: its affinity, bounded by its cgroup's quota (v2, then v1)."""
    available = len(os.sched_getaffinity(0))
    quota = _quota_v2(cgroup) or _quota_v1(cgroup)
    return max(1, min(available, math.ceil(quota)) if quota else available)


def _quota_v2(cgroup: Path) -> float | None:
    words = _read(cgroup / "cpu.max").split()
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0] != "max" else None


def _quota_v1(cgroup: Path) -> float | None:
    quota, period = _read(cgroup / "cpu/cpu.cfs_quota_us"), _read(cgroup / "cpu/cpu.cfs_period_us")
    return int(quota) / int(period) if quota and period and int(quota) > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
