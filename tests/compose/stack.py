"""The compose stack on the engine of the test cluster, with ports and folders of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hack.cluster_access import CLUSTER, ROOT, Cluster, connect
from hack.version import VERSION

FILE = ROOT / "deploy" / "compose" / "compose.yaml"


@dataclass(frozen=True)
class Stack:
    """What runs: ``folder`` is /media in the containers."""

    cluster: Cluster
    project: str
    folder: Path
    settings: dict[str, str]

    @property
    def redis_url(self) -> str:
        """As a client on this machine writes it."""
        return f"redis://:{self.settings['REDIS_PASSWORD']}@127.0.0.1:{self.settings['REDIS_PORT']}/0"

    @property
    def flower_url(self) -> str:
        """Flower's page."""
        return f"http://127.0.0.1:{self.settings['FLOWER_PORT']}"

    def compose(self, *arguments: str, timeout_s: float = 300) -> str:
        """Run docker compose on the project."""
        command = ("docker-compose", "--project-name", self.project, "--file", str(FILE), *arguments)
        return self.cluster.run(*command, timeout_s=timeout_s)

    def client(self, *command: str) -> str:
        """Run a program on this machine, as a client of the stack."""
        environment = os.environ | {"REDIS_URL": self.redis_url, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *command: str) -> Any:
        """What a client printed, parsed."""
        return json.loads(self.client(*command))


@contextmanager
def running(folder: Path, models: Path) -> Iterator[Stack]:
    """Build what is missing, bring the stack up, and take it away with its volumes."""
    cluster = connect()
    speech = f"videojobs/worker:{VERSION}-speech"
    for tool in ("docker-compose", "chromium"):
        cluster.run(str(CLUSTER), "tools", tool, timeout_s=900)
    cluster.run(str(CLUSTER), "build", speech, "-f", "Dockerfile.worker", "--target", "speech", ".", timeout_s=900)
    settings = {
        "REDIS_PASSWORD": secrets.token_hex(24), "REDIS_PORT": _free_port(), "FLOWER_PORT": _free_port(),
        "REDIS_IMAGE": f"videojobs/redis:{VERSION}", "REDIS_USER": "10001:10001",
        "WORKER_IMAGE": f"videojobs/worker:{VERSION}", "SPEECH_IMAGE": speech,
        "MEDIA_DIR": str(folder), "WHISPER_MODELS": str(models),
        "PREVIEW_CONCURRENCY": "1", "RENDER_CONCURRENCY": "1",
    }  # fmt: skip
    found = Cluster(cluster.name, cluster.environment | settings)
    stack = Stack(found, f"videojobs-{uuid.uuid4().hex[:8]}", folder, settings)
    try:
        stack.compose("up", "--detach", "--wait", "--wait-timeout", "240")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "20")


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])
