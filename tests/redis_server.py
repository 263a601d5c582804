"""A redis-server of one's own, on a free port of the loopback, in a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.control_plane import Component, free_ports

START_TIMEOUT_S = 10.0


@dataclass
class RedisServer:
    """Use it as a context manager; `url` says where it is. It may be stopped and started again."""

    folder: Path = field(init=False)
    port: int = field(init=False)
    _component: Component | None = field(init=False, default=None)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="videojobs-redis-"))
        (self.port,) = free_ports(1)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, empty, on the same port as before."""
        binary = shutil.which("redis-server")
        assert binary, "redis-server is not installed: apt-get install redis-server"
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self._component = Component.start("redis-server", Path(binary), arguments, self.folder)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            self._component.check()
            assert time.monotonic() < deadline, self._component.log_tail()
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it; whoever asks is refused."""
        if self._component is not None:
            self._component.stop()
            self._component = None

    def cli(self, *arguments: str) -> str:
        """redis-cli's output."""
        command = ["redis-cli", "-p", str(self.port), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
