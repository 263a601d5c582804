"""The stand that measurements are made on: an API server, a Redis and the operator, each a real process."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.integration.operator_process import OperatorProcess
from tests.integration.worker_pools import Pool
from tests.support.control_plane import ControlPlane
from tests.support.redis_server import RedisServer

ROOT = Path(__file__).parents[1]
NAMESPACE = "bench"
JOBS = f"/apis/videojobs.dev/v1alpha1/namespaces/{NAMESPACE}/videojobs"


@dataclass(frozen=True)
class Stand:
    """What runs, and where files may be put."""

    plane: ControlPlane
    redis: RedisServer
    operator: OperatorProcess
    folder: Path

    def api(self) -> Api:
        """A connection of one's own: they are not for sharing."""
        return Api(self.plane)


@contextlib.contextmanager
def standing() -> Iterator[Stand]:
    """Start everything, with a pool for all CPU queues, and take it away afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="videojobs-bench-")))
        plane = stack.enter_context(ControlPlane())
        redis = stack.enter_context(RedisServer())
        plane.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
        plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
        plane.kubectl("create", "namespace", NAMESPACE)
        operator = OperatorProcess(plane.kubeconfig, redis.url, folder / "operator.log")
        stack.enter_context(operator)
        Pool.apply(plane, NAMESPACE, "cpu")
        yield Stand(plane, redis, operator, folder)


class Api:
    """The API server over one kept connection, as fast as a client can be."""

    def __init__(self, plane: ControlPlane) -> None:
        address = urlsplit(plane.url)
        self._headers = {"Authorization": f"Bearer {plane.token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPSConnection(
            str(address.hostname),
            address.port,
            context=ssl.create_default_context(cafile=str(plane.ca)),
        )

    def request(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request; raises RuntimeError when it is refused."""
        self._connection.request(verb, path, json.dumps(body) if body else None, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{verb} {path}: {answer.status} {text[:500]!r}")
        found: dict[str, Any] = json.loads(text)
        return found

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        """Events of a collection, endless; the connection is the watch's from then on."""
        self._connection.request("GET", f"{path}?watch=true", headers=self._headers)
        answer = self._connection.getresponse()
        while line := answer.readline():
            yield json.loads(line)


@dataclass
class Phases:
    """When each VideoJob was first seen in each phase, in monotonic seconds."""

    api: Api
    seen: dict[str, dict[str, float]] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> None:
        """Watch from now on, in a thread that ends with the process."""
        threading.Thread(target=self._watch, daemon=True).start()

    def wait(self, name: str, phase: str, timeout_s: float = 60) -> float:
        """When the job came to the phase.

        Raises:
            TimeoutError: it did not.
        """
        with self.changed:
            if not self.changed.wait_for(lambda: phase in self.seen.get(name, {}), timeout_s):
                raise TimeoutError(f"{name} is not {phase}: {self.seen.get(name)}")
            return self.seen[name][phase]

    def count(self, phase: str) -> int:
        """Jobs that have been in the phase."""
        with self.changed:
            return sum(phase in phases for phases in self.seen.values())

    def _watch(self) -> None:
        for event in self.api.watch(JOBS):
            now, found = time.monotonic(), event["object"]
            phase = found.get("status", {}).get("phase", "")
            with self.changed:
                self.seen.setdefault(found["metadata"]["name"], {}).setdefault(phase, now)
                self.changed.notify_all()


def manifest(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A VideoJob."""
    return {
        "apiVersion": "videojobs.dev/v1alpha1",
        "kind": "VideoJob",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": dict(spec),
    }
