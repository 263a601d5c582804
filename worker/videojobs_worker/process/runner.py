"""A child process that can be stopped from another thread and never outlives its parent.

Each runs in its own process group, so that stopping reaches whatever it started, and dies with the thread
that started it (PR_SET_PDEATHSIG, set by setpriv between fork and exec, since a prefork child has threads).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from videojobs_worker.errors import StoppedError
from videojobs_worker.process.progress import FfmpegProgress, ProgressParser

_SECRETS = ("AWS_", "REDIS_", "CELERY_")
TAIL_LINES = 30
TAIL_CHARACTERS = 4000
#: How ffmpeg marks its lines where it is asked to; a tail is of errors.
_WARNING, _ERROR = "[warning] ", "[error] "
#: Put before a command, it dies with the thread that started it.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")


class Stopper:
    """Stops what runs now, and all that would run later. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: list[Callable[[], None]] = []
        self._error: StoppedError | None = None
        self._stopped = threading.Event()

    def stop(self, error: StoppedError) -> None:
        """End what runs, each by what :meth:`ending` was given. The first error stays."""
        with self._lock:
            self._error = self._error or error
            ends = list(self._ends)
        self._stopped.set()
        for end in ends:
            end()

    def check(self) -> None:
        """Raise what :meth:`stop` was given, if it was."""
        if self._error:
            raise self._error

    def wait(self, seconds: float) -> None:
        """Wait, or raise as soon as it is stopped."""
        self._stopped.wait(seconds)
        self.check()

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """What runs within is ended by ``end``, called from another thread; at once where all was stopped already."""
        with self._lock:
            self._ends.append(end)
        try:
            if self._error:
                end()
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


def environment() -> dict[str, str]:
    """What a child may know: media is hostile, so that credentials stay here."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}


def run(
    command: Sequence[str],
    stopper: Stopper,
    on_progress: Callable[[FfmpegProgress], None] = lambda _: None,
    folder: Path | None = None,
    on_words: Callable[[str], None] = lambda _: None,
) -> tuple[int, str]:
    """Run a command to its end: its exit code and the tail of its standard error.

    Args:
        command: the argument list; no shell sees it.
        stopper: ends it early.
        on_progress: called for each block of ``-progress pipe:1``.
        folder: working folder of the child.
        on_words: called for each line of its standard error, from another thread.

    Raises:
        StoppedError: it was stopped; the whole process group is gone.
    """
    stopper.check()
    process = subprocess.Popen(
        [*DIE_WITH_PARENT, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        cwd=folder,
        env=environment(),
    )
    try:
        with stopper.ending(lambda: end_group(process)):
            tail = _follow(process, on_progress, on_words)
            return process.wait(), tail
    except BaseException:
        end_group(process)
        raise
    finally:
        _close(process)
        stopper.check()


def capture(command: Sequence[str], timeout_s: float) -> tuple[int, str, str]:
    """Run a short command: its exit code, standard output, and the tail of its standard error.

    A command that finds no end counts as failed, with exit code 124.
    """
    try:
        done = subprocess.run(
            [*DIE_WITH_PARENT, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            text=True,
            errors="replace",
            env=environment(),
        )
    except subprocess.TimeoutExpired:
        return 124, "", f"{command[0]} found no end within {timeout_s:.0f} s"
    return done.returncode, done.stdout, done.stderr[-TAIL_CHARACTERS:]


def _follow(
    process: subprocess.Popen[str], on_progress: Callable[[FfmpegProgress], None], on_words: Callable[[str], None]
) -> str:
    lines: deque[str] = deque(maxlen=TAIL_LINES)

    def listen() -> None:
        for line in process.stderr or ():
            on_words(line)
            if _WARNING not in line:
                lines.append(line.replace(_ERROR, "", 1))

    drain = threading.Thread(target=listen, daemon=True)
    drain.start()
    parser = ProgressParser()
    for line in process.stdout or ():
        if block := parser.feed(line):
            on_progress(block)
    process.wait()
    drain.join()
    return "".join(lines)[-TAIL_CHARACTERS:]


def end_group(process: subprocess.Popen[str]) -> None:
    """KILL a process and all of its group: what ffmpeg would still write to end well is thrown away anyhow."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
