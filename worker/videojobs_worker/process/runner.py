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

TAIL_LINES = 30
#: How ffmpeg marks its lines where it is asked to; a tail is of errors.
_WARNING, _ERROR = "[warning] ", "[error] "


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
        JobError: OutOfMemory, somebody else killed it.
    """
    stopper.check()
    process = child.start(command, folder=folder)
    try:
        with stopper.ending(lambda: child.end_group(process)):
            tail = _follow(process, on_progress, on_words)
            code = process.wait()
    finally:
        child.end(process)
        stopper.check()
    child.check_killed(code, command[0], tail)
    return code, tail


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
