"""Debian packages: installed where this program may, named with the command where it may not."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from .commands import output
from .errors import ClusterError
from .progress import step

_POLICY = Path("/usr/sbin/policy-rc.d")


def install(packages: Sequence[str], why: str) -> None:
    """Install packages without starting their services.

    Raises ClusterError, with the command to run, when this user or system cannot.
    """
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise ClusterError(
            f"{why} is missing. On Debian it comes with `{command}`; this system has no apt-get, "
            "so install it in your system's own way"
        )
    if os.geteuid() != 0:
        raise ClusterError(f"{why} is missing. Install it with `sudo {command}`, then try again")
    with step(f"installing {', '.join(packages)}"), _services_stay_off():
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        output(["apt-get", "update", "-qq"], env=quiet)
        output(command.split(), env=quiet)


@contextlib.contextmanager
def _services_stay_off() -> Iterator[None]:
    """Packages of servers start them on installation; Debian's policy file says no to that."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
