"""Stands before runc on machines that hold fewer capabilities than a privileged container asks.

runc refuses to start a container that asks for a capability outside of the machine's own bounding
set, and to lower oom_score_adj without CAP_SYS_RESOURCE. So both are taken out of what the engine
wrote, and runc does the rest. The engine runs a copy of this file as its runtime; it must stand
alone.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CAP_SYS_RESOURCE = 24
# The order of the kernel's numbers (include/uapi/linux/capability.h).
CAPABILITIES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
PERFMON BPF CHECKPOINT_RESTORE
""".split()  # noqa: SIM905 - a list of forty lines says no more


def bounding_set() -> int:
    """The mask of the capabilities that this process and its children can ever hold."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^CapBnd:\s*([0-9a-f]+)", status, re.MULTILINE)
    return int(found.group(1), 16) if found else 0


def needed() -> bool:
    """Whether this machine lacks what runc takes for granted."""
    return not bounding_set() >> CAP_SYS_RESOURCE & 1


def install(folder: Path) -> Path:
    """Put a copy that can be run into a folder, and give its path."""
    target = folder / "bounded-runc"
    target.write_text("#!/usr/bin/python3 -IS\n" + Path(__file__).read_text())
    target.chmod(0o755)
    return target


def bound(process: dict[str, Any], mask: int) -> dict[str, Any]:
    """An OCI process (config.json's, or exec's) that asks for no more than `mask` holds."""
    held = {f"CAP_{name}" for bit, name in enumerate(CAPABILITIES) if mask >> bit & 1}
    bounded = dict(process)
    if "capabilities" in process:
        bounded["capabilities"] = {
            kind: [name for name in names or [] if name in held] for kind, names in process["capabilities"].items()
        }
    if (process.get("oomScoreAdj") or 0) < 0:
        del bounded["oomScoreAdj"]
    return bounded


def value_of(arguments: Sequence[str], *names: str) -> str | None:
    """The value of an option, written as `--name value` or `--name=value`."""
    for index, argument in enumerate(arguments):
        name, separator, value = argument.partition("=")
        if name in names:
            return value if separator else arguments[index + 1]
    return None


def _rewrite(file: Path, mask: int, *, whole: bool) -> None:
    content = json.loads(file.read_text())
    if whole:
        content["process"] = bound(content["process"], mask)
    else:
        content = bound(content, mask)
    file.write_text(json.dumps(content))


def main(arguments: Sequence[str]) -> None:
    """Bound what is to be created or executed, then become runc."""
    mask = bounding_set()
    if "create" in arguments or "run" in arguments:
        bundle = value_of(arguments, "--bundle", "-b") or "."
        _rewrite(Path(bundle) / "config.json", mask, whole=True)
    elif "exec" in arguments:
        process = value_of(arguments, "--process", "-p")
        if process is not None:
            _rewrite(Path(process), mask, whole=False)
    os.execvp("runc", ["runc", *arguments])  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main(sys.argv[1:])
