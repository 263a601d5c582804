"""The Docker engine: the one that answers, or one of our own from Debian's packages.

Our own has its folders, socket and bridge beneath the cache's name, runs as long as a cluster of
this cache needs it, and is known by the id and start time of its process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bounded_runc, packages, traces
from .commands import output, succeeds
from .errors import ClusterError, CommandError
from .places import Places
from .progress import say, step

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
# The label of images that are made for the cluster itself, to find them again.
MADE_HERE = "videojobs.dev/made-here"
DEBIAN_CLIENT = Path("/usr/bin/docker")


@dataclass(frozen=True)
class Engine:
    """An engine that answers. `host` is its DOCKER_HOST, None where the default is right."""

    client: Path
    host: str | None
    own: bool

    @property
    def env(self) -> Mapping[str, str]:
        """For programs that speak to it: this client first on PATH, and the address."""
        path = f"{self.client.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {"PATH": path, **({"DOCKER_HOST": self.host} if self.host else {})}

    def docker(self, *arguments: str, stdin: str | None = None, timeout_s: float | None = None) -> str:
        """The output of a docker command. Raises CommandError when it fails."""
        command = [str(self.client), *arguments]
        return output(command, env=self.env, stdin=stdin, timeout_s=timeout_s)

    def has(self, kind: str, name: str) -> bool:
        """Whether there is an image, network, container ... of this name."""
        return succeeds([str(self.client), kind, "inspect", name], env=self.env)

    def forget_others(self, repository: str, keep: str) -> None:
        """Remove what was made under other names of a repository, as far as nothing uses it."""
        listed = self.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)
        for name in set(listed.split()) - {keep}:
            with contextlib.suppress(CommandError):  # a container stands on it
                self.docker("image", "rm", name)

    def offers(self, image: str) -> bool:
        """Whether an image is here, or can be pulled now."""
        if self.has("image", image):
            return True
        try:
            with step(f"pulling {image}"):
                self.docker("pull", "--quiet", image, timeout_s=600)
        except CommandError as error:
            reason = error.output.strip().splitlines()[-1:] or ["no answer"]
            say(f"{image} cannot be pulled ({reason[0]})")
            return False
        return True


def find(places: Places) -> Engine | None:
    """Our own engine if it runs, else the one that the environment's docker reaches, else None."""
    own = _own(places)
    if record(places) is not None and _answers(own):
        return own
    client = shutil.which("docker")
    if client is None:
        return None
    found = Engine(Path(client), host=None, own=False)
    return found if _answers(found) else None


def ensure(places: Places) -> Engine:
    """An engine that answers, started if need be.

    Raises ClusterError, saying what to do, when none answers and none can be started.
    """
    with places.lock("engine"):
        engine = find(places)
        if engine is None:
            engine = _start(places)
        return engine


def stop(places: Places) -> bool:
    """Stop our own engine and remove what it left in the kernel; False if none of ours runs."""
    running = record(places)
    if running is None:
        return False
    with step("stopping the engine"):
        os.kill(running["pid"], signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while record(places) is not None:
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"the engine (process {running['pid']}) does not end; its log is {places.engine / 'log'}"
                )
            time.sleep(0.1)
    traces.remove(places.run, traces.Before.from_json(running["before"]))
    (places.engine / "engine.json").unlink()
    return True


def _answers(engine: Engine) -> bool:
    return succeeds([str(engine.client), "version"], env=engine.env, timeout_s=15)


def _own(places: Places) -> Engine:
    return Engine(DEBIAN_CLIENT, host=f"unix://{places.run / 'docker.sock'}", own=True)


def record(places: Places) -> dict[str, Any] | None:
    """What was written down at the start, if that very process still runs."""
    try:
        written: dict[str, Any] = json.loads((places.engine / "engine.json").read_text())
    except FileNotFoundError:
        return None
    return written if start_time(written["pid"]) == written["started"] else None


def start_time(pid: int) -> int | None:
    """In clock ticks since boot: with the id it names a process for good. None: it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _start(places: Places) -> Engine:
    if os.geteuid() != 0:
        raise ClusterError(
            "no Docker engine answers. Start Docker (or add yourself to its group: "
            "`sudo usermod -aG docker $USER`, then log in again); or run this as root, so that "
            "an engine of its own can be started"
        )
    if shutil.which("dockerd") is None or not DEBIAN_CLIENT.exists():
        packages.install(["docker.io", "iptables"], "the Docker engine")
    with step("starting the engine"):
        engine = _own(places)
        _launch(places)
        _wait(places, engine)
    return engine


def _launch(places: Places) -> None:
    for folder in (places.engine, places.run):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # An empty file of our own: /etc/docker/daemon.json speaks of another engine.
    (places.engine / "daemon.json").write_text("{}")
    before = traces.Before.look()
    command = ["dockerd", *_arguments(places, traces.make_bridge(places.run))]
    with (places.engine / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    written = {
        "pid": process.pid,
        "started": start_time(process.pid),
        "before": before.to_json(),
    }
    (places.engine / "engine.json").write_text(json.dumps(written))


def _arguments(places: Places, bridge: str) -> list[str]:
    arguments = [
        f"--data-root={places.engine / 'data'}",
        f"--exec-root={places.run / 'exec'}",
        f"--pidfile={places.run / 'docker.pid'}",
        f"--host=unix://{places.run / 'docker.sock'}",
        f"--bridge={bridge}",
        f"--mtu={traces.uplink_mtu()}",
        f"--config-file={places.engine / 'daemon.json'}",
    ]
    if bounded_runc.needed():
        wrapper = bounded_runc.install(places.run)
        arguments += [f"--add-runtime=bounded={wrapper}", "--default-runtime=bounded"]
    return arguments


def _wait(places: Places, engine: Engine) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _answers(engine):
        log = (places.engine / "log").read_text(errors="replace")
        tail = "\n".join(log.splitlines()[-15:])
        if record(places) is None:
            raise ClusterError(f"the engine ended at once; its log ends with:\n{tail}")
        if time.monotonic() > deadline:
            raise ClusterError(f"the engine does not answer; its log ends with:\n{tail}")
        time.sleep(0.1)


def has_data(places: Places) -> bool:
    """Whether an engine of ours has run here, and may hold containers of a cluster."""
    return (places.engine / "data").exists()
