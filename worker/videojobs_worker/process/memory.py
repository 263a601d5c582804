"""How much memory a process uses with all that it started, and how much it may.

A container that goes over its limit is killed whole, the worker with it, and what it says last is lost. So a job is
stopped before, in words.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import psutil

from videojobs_worker.process.processors import CGROUP

#: What is left for the worker's own processes and for the moment between two looks.
SHARE: Final = 0.9
#: cgroup v1 says "no limit" by a number of this size.
_UNLIMITED: Final = 1 << 60


def limit_bytes(cgroup: Path = CGROUP) -> int:
    """What a job may use: nine tenths of the cgroup's limit (v2, then v1), or of the machine's memory."""
    limits = [_number(cgroup / name) for name in ("memory.max", "memory/memory.limit_in_bytes")]
    told = [limit for limit in limits if limit is not None and limit < _UNLIMITED]
    return int(SHARE * min([*told, psutil.virtual_memory().total]))


def used_bytes(pid: int | None = None) -> int:
    """Resident memory of a process and all that it started; shared pages count for each."""
    process = psutil.Process(os.getpid() if pid is None else pid)
    return sum(_resident(each) for each in [process, *process.children(recursive=True)])


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # it has just ended
        return 0


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such cgroup, or "max"
        return None
