"""A real Redis for a test session: own port, own password, own folder, gone with the process that started it."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

START_TIMEOUT_S = 20.0


class RedisServer:
    """``with RedisServer() as server:`` gives ``server.url``; can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe(12)
        self.port = _free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="videojobs-redis-")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL, with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        """A new connection."""
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Start and wait until it answers."""
        folder = Path(self._folder.name)
        config = folder / "redis.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\nrequirepass {self.password}\ndir {folder}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
        )
        command = ["setpriv", "--pdeathsig", "KILL", "--", "redis-server", str(config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline:
                raise TimeoutError("redis-server did not answer")
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it; nothing is kept."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def cli(self, *arguments: str) -> str:
        """Run redis-cli and return what it printed."""
        command = ["redis-cli", "-p", str(self.port), *arguments]
        environment = {**os.environ, "REDISCLI_AUTH": self.password}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
