"""A real S3 server for a test session: versitygw over a folder, on its own port."""

from __future__ import annotations

import secrets
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.control_plane import CLUSTER

BUCKET = "media"
START_TIMEOUT_S = 20.0


class S3Server:
    """``with S3Server() as server:`` gives ``server.environment`` for workers, and ``server.client()``."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="videojobs-s3-")
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.environment = {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "videojobs",
            "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(16),
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @property
    def bucket(self) -> Path:
        """Where the bucket's objects lie: a file that is put there is one."""
        return Path(self._folder.name) / "data" / BUCKET

    def client(self) -> Any:
        """A boto3 client."""
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL_S3"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
            config=Config(retries={"max_attempts": 1}),
        )

    def __enter__(self) -> Self:
        data = Path(self._folder.name) / "data"
        data.mkdir()
        (data / BUCKET).mkdir()
        keys = {
            "ROOT_ACCESS_KEY": self.environment["AWS_ACCESS_KEY_ID"],
            "ROOT_SECRET_KEY": self.environment["AWS_SECRET_ACCESS_KEY"],
        }
        command = ["setpriv", "--pdeathsig", "KILL", "--", str(_program()), "--port", f"127.0.0.1:{self.port}"]
        with (Path(self._folder.name) / "log").open("wb") as log:
            self._process = subprocess.Popen([*command, "posix", str(data)], env=keys, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError((Path(self._folder.name) / "log").read_text())
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def _program() -> Path:
    done = subprocess.run([str(CLUSTER), "tools", "versitygw"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.splitlines()[-1])
