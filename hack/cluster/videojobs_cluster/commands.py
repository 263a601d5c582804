"""Runs other programs: quiet while they succeed, with their words when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import CommandError


def output(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    cwd: Path | None = None,
    timeout_s: float | None = None,
) -> str:
    """The standard output of a command.

    Raises CommandError when it fails, is not there or takes longer than `timeout_s`.
    """
    try:
        done = subprocess.run(
            list(command),
            env={**os.environ, **(env or {})},
            input=stdin,
            cwd=cwd,
            timeout=timeout_s,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandError(command, 127, str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(command, 124, f"no end after {timeout_s:.0f} s") from error
    if done.returncode != 0:
        raise CommandError(command, done.returncode, done.stdout + done.stderr)
    return done.stdout


def succeeds(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> bool:
    """Whether a command, run for its exit code only, succeeds."""
    try:
        output(command, env=env, timeout_s=timeout_s)
    except CommandError:
        return False
    return True


def pipe(source: Sequence[str], sink: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
    """Run `source | sink`, without a shell. Raises CommandError when either fails."""
    merged = {**os.environ, **(env or {})}
    with subprocess.Popen(list(source), stdout=subprocess.PIPE, env=merged) as first:
        done = subprocess.run(
            list(sink),
            stdin=first.stdout,
            env=merged,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if first.stdout is not None:
            first.stdout.close()  # so that the source ends when the sink did early
        code = first.wait()
    if done.returncode != 0:
        raise CommandError(sink, done.returncode, done.stdout)
    if code != 0:
        raise CommandError(source, code, "")
