"""``python -m videojobs_operator`` as a child process, for tests and benchmarks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.control_plane import free_ports

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0


class OperatorProcess:
    """A running operator. Use it as a context manager; :meth:`kill` and :meth:`start` crash and revive it."""

    def __init__(
        self, kubeconfig: Path, redis_url: str, log: Path, namespaces: Sequence[str] = (), lease: str = ""
    ) -> None:
        self.log = log
        self.port = free_ports(1)[0]
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("protocol", "operator")),
            "KUBECONFIG": str(kubeconfig),
            "REDIS_URL": redis_url,
            "VIDEOJOBS_NAMESPACES": ",".join(namespaces),
            "VIDEOJOBS_LEASE": lease,
            "VIDEOJOBS_WORKER_IMAGE": "videojobs/worker:test",
            "VIDEOJOBS_HTTP_PORT": str(self.port),
            "VIDEOJOBS_LOG_FORMAT": "text",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "videojobs_operator"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_ready(self) -> None:
        """Wait until /readyz says yes."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.probe("/readyz")[0] != 200:
            assert self.process is not None
            assert self.process.poll() is None, f"the operator ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the operator is not ready:\n{self.log.read_text()}"
            time.sleep(0.05)

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of a page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def kill(self) -> None:
        """Let it crash."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
