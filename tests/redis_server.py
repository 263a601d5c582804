"""A real Redis for tests: its own port, password and folder, gone with the test even if that is killed."""

from __future__ import annotations

import ctypes
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class RedisServer:
    """``with RedisServer() as server: redis.from_url(server.url)``.

    ``stop`` and ``start`` again within the block: the port, the password and, with ``append_only``, the
    data stay.
    """

    def __init__(self, *, append_only: bool = False, start_timeout_s: float = 20.0) -> None:
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="videojobs-redis-"))
        self._append_only = append_only
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """With the password; database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        """A client of this server; the caller closes it."""
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        """Return once it answers.

        Raises:
            RuntimeError: it ended or did not answer in time; the message holds its log.
        """
        config = self.folder / "redis.conf"
        config.write_text(self._config())  # a file, so that the password is in no argument list
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", str(config)],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads matter to prctl alone
            )
        self._await_answer(self._process)

    def stop(self, *, kill: bool = False) -> None:
        """End it; ``kill`` as a crash would."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop(kill=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _config(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f"dir {self.folder}",
                'save ""',
                f"appendonly {'yes' if self._append_only else 'no'}",
                "daemonize no",
                "",
            ]
        )

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_timeout_s
        with self.client() as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    client.ping()
                except (redis.ConnectionError, redis.TimeoutError):
                    time.sleep(0.02)
                else:
                    return
        log = (self.folder / "redis.log").read_text(errors="replace")[-2000:]
        self.stop(kill=True)
        raise RuntimeError(f"redis-server did not start on port {self.port}:\n{log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
