"""Threads follow the container's quota, not the host's processors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videojobs_worker.process.processors import thread_count

HERE = len(os.sched_getaffinity(0))


def cgroup(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "threads"),
    [
        ("max 100000\n", HERE),
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("150000 100000\n", min(2, HERE)),
        ("99900000 100000\n", HERE),
        ("nonsense", HERE),
        ("", HERE),
    ],
)
def test_quota_of_version_2(tmp_path: Path, text: str, threads: int) -> None:
    assert thread_count(cgroup(tmp_path, cpu_DOT_max=text)) == threads


@pytest.mark.parametrize(("quota", "threads"), [("-1", HERE), ("100000", 1), ("20000", 1)])
def test_quota_of_version_1(tmp_path: Path, quota: str, threads: int) -> None:
    folder = cgroup(tmp_path, cpu__cpu_DOT_cfs_quota_us=quota, cpu__cpu_DOT_cfs_period_us="100000")
    assert thread_count(folder) == threads


def test_no_cgroup(tmp_path: Path) -> None:
    assert thread_count(tmp_path / "none") == HERE
