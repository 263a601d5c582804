"""The test cluster as Python sees it: its environment, kubectl, helm and images.

Used by `make up`, `make demo` and the end to end tests, which all talk to the same cluster.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLUSTER = ROOT / "hack" / "cluster" / "cluster"


class CommandError(RuntimeError):
    """A tool ended with an error; the text is what it said."""


@dataclass(frozen=True)
class Cluster:
    """A running test cluster. ``environment`` finds its API server, its engine and its tools."""

    name: str = "videojobs"
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, stdin: str | None = None, timeout_s: float = 600, show: bool = False) -> str:
        """Run a tool in the cluster's environment and return what it printed.

        Raises:
            CommandError: it ended with an error; the message holds its standard error.
        """
        # What takes long speaks to the person at the terminal, on standard error; answers are for us.
        done = subprocess.run(
            command,
            input=stdin,
            text=True,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            env=self.environment,
            timeout=timeout_s,
            check=False,
            cwd=ROOT,
        )
        if done.returncode:
            raise CommandError(f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr or ''}".strip())
        return done.stdout

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout_s: float = 120) -> str:
        """Run kubectl and return what it printed."""
        return self.run("kubectl", *arguments, stdin=stdin, timeout_s=timeout_s)

    def get(self, *arguments: str) -> Any:
        """``kubectl get ... -o json``, parsed."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    @property
    def media(self) -> Path:
        """The host's folder that every pod sees as /media."""
        return Path(self.environment["VIDEOJOBS_MEDIA"])


def connect(name: str = "videojobs") -> Cluster:
    """The cluster called ``name``, which must be up.

    Raises:
        CommandError: it is not there; `make up` makes it.
    """
    text = Cluster(name, dict(os.environ)).run(str(CLUSTER), "env", "--name", name)
    return Cluster(name, dict(os.environ) | _exports(text))


def bring_up(name: str = "videojobs", workers: int = 1) -> Cluster:
    """Bring the cluster up, from nothing if need be, and connect to it."""
    command = [str(CLUSTER), "up", "--name", name, "--workers", str(workers)]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        raise CommandError("the cluster did not come up: its own words are above")
    return connect(name)


def _exports(text: str) -> dict[str, str]:
    """``export A='b'`` lines, with references to PATH resolved."""
    pairs = {}
    for line in text.splitlines():
        if line.startswith("export "):
            key, _, value = line.removeprefix("export ").partition("=")
            pairs[key] = os.path.expandvars("".join(shlex.split(value)))
    return pairs
