"""A child process: told no secrets, in a group of its own, and never there without the thread that started it.

The kernel ends it with that thread (PR_SET_PDEATHSIG, set by setpriv between fork and exec, since a prefork child has
threads). The signal reaches nobody whose parent was gone before it was asked for, so that a child whose parent is
another by then does not begin (prctl(2)).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError

#: Exit codes of what was killed: by a signal, as Python tells it, and as a shell does (128 + 9).
_KILLED: Final = (-signal.SIGKILL, 128 + signal.SIGKILL)
#: Of what found no end in its time, as timeout(1) has it.
TIMED_OUT: Final = 124
_SECRETS: Final = ("AWS_", "REDIS_", "CELERY_")
TAIL_CHARACTERS: Final = 4000
#: The shell reads these words alone: the command comes to it as arguments.
_WITH_ITS_PARENT: Final = 'test "$PPID" = "$0" && exec "$@"'


def start(
    command: Sequence[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    folder: Path | None = None,
) -> subprocess.Popen[str]:
    """Start a command, its standard error in a pipe.

    Args:
        command: the argument list; no shell reads it.
        stdin: as :class:`subprocess.Popen` takes it.
        stdout: the same.
        folder: its working folder.

    Raises:
        OSError: nothing could be started.
    """
    return subprocess.Popen(
        bound_to(os.getpid(), command),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        cwd=folder,
        env=_environment(),
    )


def bound_to(parent: int, command: Sequence[str]) -> list[str]:
    """The command as one that is ended with the thread that starts it, and begins for this process alone."""
    return ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", _WITH_ITS_PARENT, str(parent), *command]


def _environment() -> dict[str, str]:
    """What a child may know: media is hostile, so that credentials stay here."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}


def answer(process: subprocess.Popen[str], name: str, timeout_s: float) -> tuple[int, str, str]:
    """Wait for its end: its exit code, standard output, and the tail of its standard error.

    One that finds no end counts as failed, with exit code TIMED_OUT. Whatever happens, it has ended then.
    """
    try:
        told, tail = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return TIMED_OUT, "", f"{name} found no end within {timeout_s:.0f} s"
    finally:
        end(process)
    return process.returncode, told, tail[-TAIL_CHARACTERS:]


def was_killed(code: int) -> bool:
    """Whether an exit code is of something that was killed."""
    return code in _KILLED


def check_killed(code: int, name: str, tail: str = "") -> None:
    """What was killed has said nothing about the file that it read.

    Raises:
        JobError: OutOfMemory, which is retried: the kernel kills when memory is short.
    """
    if was_killed(code):
        text = f"{name} was killed, most likely for lack of memory: give the pool more, or make a smaller size"
        raise JobError("OutOfMemory", text, retryable=True, log_tail=tail)


def end(process: subprocess.Popen[str]) -> None:
    """KILL it and all of its group, and close what was heard of it. Only for the thread that listens to it."""
    end_group(process)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def end_group(process: subprocess.Popen[str]) -> None:
    """KILL it and all of its group: what ffmpeg would still write to end well is thrown away anyhow."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
