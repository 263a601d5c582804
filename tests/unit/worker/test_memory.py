"""A job may use what its container has, and is stopped in words before the kernel kills the worker."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from videojobs_worker.errors import StoppedError
from videojobs_worker.pipeline.memory_watch import MemoryWatch
from videojobs_worker.process.memory import limit_bytes, used_bytes
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper

MACHINE = psutil.virtual_memory().total
MB = 1_000_000


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("memory.max", "100000000\n", 90_000_000),
        ("memory.max", "max\n", int(0.9 * MACHINE)),
        ("memory/memory.limit_in_bytes", "200000000", 180_000_000),
        ("memory/memory.limit_in_bytes", "9223372036854771712", int(0.9 * MACHINE)),
        ("other", "1", int(0.9 * MACHINE)),
    ],
)
def test_the_limit_is_the_containers(tmp_path: Path, name: str, text: str, limit: int) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert limit_bytes(tmp_path) == limit


def hungry(size: int) -> list[str]:
    return [sys.executable, "-c", f"held = b'x' * {size}; print('held', flush=True); input()"]


def test_what_a_child_uses_counts() -> None:
    before = used_bytes()
    with subprocess.Popen(hungry(200 * MB), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert used_bytes() - before > 150 * MB
        child.kill()


def test_a_child_that_takes_too_much_is_stopped_and_the_error_says_what_to_do() -> None:
    stopper = Stopper()
    command = [sys.executable, "-c", f"held = b'x' * {300 * MB}; import time; time.sleep(60)"]
    with MemoryWatch(stopper, used_bytes() + 200 * MB), pytest.raises(StoppedError, match="more memory") as error:
        run(command, stopper)
    assert (error.value.reason, error.value.retryable) == ("OutOfMemory", True)


def test_the_watch_ends_with_the_job() -> None:
    with MemoryWatch(Stopper(), 1 << 60):
        assert "memory" in [thread.name for thread in threading.enumerate()]
    assert "memory" not in [thread.name for thread in threading.enumerate()]
