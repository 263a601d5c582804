"""Runs a command to its end, hears it out, and ends it with all that it started."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from videojobs_worker.process import child
from videojobs_worker.process.child import TAIL_CHARACTERS
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress, ProgressParser
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import LIMITS, Limits, Watchdog

TAIL_LINES = 30
#: How ffmpeg marks its lines where it is asked to; a tail is of errors.
_WARNING, _ERROR = "[warning] ", "[error] "


def run(
    command: Sequence[str],
    stopper: Stopper,
    on_progress: Callable[[FfmpegProgress], None] = lambda _: None,
    folder: Path | None = None,
    on_words: Callable[[str], None] = lambda _: None,
    limits: Limits = LIMITS,
) -> tuple[int, str]:
    """Run a command to its end: its exit code and the tail of its standard error.

    Args:
        command: the argument list; no shell sees it.
        stopper: ends it early.
        on_progress: called for each block of ``-progress pipe:1``.
        folder: working folder of the child.
        on_words: called for each line of its standard error, from another thread.
        limits: when a watchdog ends it.

    Raises:
        StoppedError: it was stopped; the whole process group is gone.
        JobError: RunStalled, RunawayOutput; OutOfMemory, somebody else killed it.
    """
    stopper.check()
    process = child.start(command, folder=folder)

    def end() -> None:
        child.end_group(process)

    try:
        with stopper.ending(end), Watchdog(command[0], process.pid, limits, end) as watchdog:
            tail = _follow(process, _both(watchdog.progress, on_progress), on_words)
            code = process.wait()
    finally:
        child.end(process)
        stopper.check()
    watchdog.check(tail)
    child.check_killed(code, command[0], tail)
    return code, tail


def _both(
    first: Callable[[FfmpegProgress], None], second: Callable[[FfmpegProgress], None]
) -> Callable[[FfmpegProgress], None]:
    def call(block: FfmpegProgress) -> None:
        first(block)
        second(block)

    return call


def capture(command: Sequence[str], timeout_s: float, stopper: Stopper | None = None) -> tuple[int, str, str]:
    """Run a short command: what :func:`child.answer` returns.

    Raises:
        StoppedError: it was stopped.
        JobError: OutOfMemory, somebody else killed it, where it ran for a job (and so has a stopper).
    """
    if stopper is None:
        return child.answer(child.start(command), command[0], timeout_s)
    stopper.check()
    process = child.start(command)
    with stopper.ending(lambda: child.end_group(process)):
        answer = child.answer(process, command[0], timeout_s)
    stopper.check()
    child.check_killed(answer[0], command[0], answer[2])
    return answer


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
