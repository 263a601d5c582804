"""Child processes: stopped with all that they started, heard to their last words, never left behind."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.child import TAIL_CHARACTERS
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress
from videojobs_worker.process.runner import capture, run
from videojobs_worker.process.stopper import Stopper


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(path: Path, within_s: float = 30) -> str:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} was not written")


def gone(pid: int, within_s: float = 10) -> bool:
    deadline = time.monotonic() + within_s
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_progress_is_heard_and_the_exit_code_told() -> None:
    heard: list[FfmpegProgress] = []
    code, tail = run(
        python("import sys; print('frame=7\\nprogress=end'); sys.stderr.write('why'); sys.exit(3)"),
        Stopper(),
        heard.append,
    )
    assert (code, tail) == (3, "why")
    assert [block.frame for block in heard] == [7]


def test_only_the_end_of_many_words_is_kept() -> None:
    _, tail = run(python("import sys\nfor n in range(20000): sys.stderr.write(f'line {n}\\n')"), Stopper())
    assert tail.endswith("line 19999\n")
    assert len(tail) <= TAIL_CHARACTERS


STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
pathlib.Path(sys.argv[1]).write_text(f'{os.getpid()} {child.pid}\\n')
time.sleep(600)
"""


def test_stopping_ends_the_whole_group_also_the_stubborn(tmp_path: Path) -> None:
    stopper, pids = Stopper(), tmp_path / "pids"
    found: list[int] = []

    def stop() -> None:
        found.extend(map(int, until(pids).split()))
        stopper.stop(StoppedError("Cancelled", "cancelled"))

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(StoppedError, match="cancelled"):
        run([*python(STUBBORN), str(pids)], stopper)
    thread.join()
    assert len(found) == 2
    assert all(gone(pid) for pid in found)


def test_nothing_begins_after_a_stop(tmp_path: Path) -> None:
    stopper = Stopper()
    stopper.stop(StoppedError("Cancelled", "first"))
    stopper.stop(StoppedError("DeadlineExceeded", "second"))
    with pytest.raises(StoppedError, match="first"):
        run(["touch", str(tmp_path / "made")], stopper)
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_listening_ends_the_child(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()) + '\\n')\n"
    code += "print('progress=continue', flush=True); time.sleep(600)"

    def fail(_: FfmpegProgress) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        run(python(code), Stopper(), fail)
    assert gone(int(until(pid)))


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """As a worker's process that is killed for lack of memory: its ffmpeg must not go on."""
    pid = tmp_path / "pid"
    child = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(f'{{os.getpid()}}\\n'); time.sleep(600)"
    parent = (
        "import sys\nfrom videojobs_worker.process.runner import run\n"
        "from videojobs_worker.process.stopper import Stopper\n"
        f"run([sys.executable, '-c', {child!r}], Stopper())"
    )
    process = subprocess.Popen(python(parent), env={"PYTHONPATH": ":".join(sys.path)})
    grandchild = int(until(pid))
    process.kill()
    process.wait()
    assert gone(grandchild)


def test_a_command_without_end_fails() -> None:
    code, _, tail = capture(["sleep", "600"], timeout_s=0.2)
    assert code == 124
    assert "sleep" in tail
