"""A bare Kubernetes API for integration tests: etcd and kube-apiserver as plain processes.

The fixture in conftest.py starts one per test session (about 3 s) and gives every test its own
namespace. Nothing schedules or runs pods; `controllers=True` adds kube-controller-manager, for
tests that need garbage collection or Deployments.

Every process dies with the process that started it: by its id in the normal way, and by the
kernel (PR_SET_PDEATHSIG) when the tests are killed. That signal follows the thread, so enter the
context manager in a thread that outlives the tests, usually the main one.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

CLUSTER = Path(__file__).parents[2] / "hack" / "cluster" / "cluster"
START_TIMEOUT_S = 120.0
START_ATTEMPTS = 3
STOP_TIMEOUT_S = 10.0
POLL_S = 0.02

# Runs between fork and exec in the child: a preexec_fn may deadlock in a process with threads.
# argv: the parent's id, then the command. The check closes the race with a parent already dead.
_DIE_WITH_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class ControlPlaneError(RuntimeError):
    """The control plane did not come up; the text ends with the log of the part that failed."""


@dataclass
class Component:
    """One server process and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, name: str, binary: Path, arguments: Sequence[str], folder: Path) -> Self:
        log = folder / f"{name}.log"
        command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*command, str(binary), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
            )
        return cls(name, process, log)

    def check(self) -> None:
        """Raise ControlPlaneError, with the end of the log, if the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise ControlPlaneError(f"{self.name} ended with code {code}:\n{self.log_tail()}")

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class ControlPlane:
    """An API server with an etcd of its own, on free ports of the loopback, in a temporary folder.

    Use it as a context manager. Inside, `url`, `token` (a member of system:masters), `ca` and
    `kubeconfig` say how to reach it; other identities are had by impersonation.
    """

    controllers: bool = False
    apiserver_arguments: Sequence[str] = ()
    folder: Path = field(init=False)
    url: str = field(init=False)
    token: str = field(init=False, default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    binaries: Path = field(init=False)
    components: list[Component] = field(init=False, default_factory=list)

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def ca(self) -> Path:
        """The API server's own certificate and its issuer, PEM."""
        return self.folder / "certificates" / "apiserver.crt"

    def __enter__(self) -> Self:
        self.binaries = kubernetes_binaries()
        for attempt in range(1, START_ATTEMPTS + 1):
            self.folder = Path(tempfile.mkdtemp(prefix="videojobs-control-plane-"))
            try:
                self._start()
            except BaseException as error:
                self.close()
                # Somebody took a port between our look and the server's bind.
                if "address already in use" not in str(error) or attempt == START_ATTEMPTS:
                    raise
            else:
                break
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop what was started, last first, and remove the folder."""
        for component in reversed(self.components):
            component.stop()
        self.components.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """kubectl's output.

        Raises subprocess.CalledProcessError, which carries stderr, when it fails.
        """
        command = [str(self.binaries / "kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True)
        return done.stdout

    def _start(self) -> None:
        client_port, peer_port, api_port = free_ports(3)
        self.url = f"https://127.0.0.1:{api_port}"
        self._write_token()
        # Both at once: the API server itself waits for etcd, and making its keys takes as long.
        self._add("etcd", etcd_arguments(self.folder / "etcd", client_port, peer_port))
        self._write_service_account_key()
        self._add("kube-apiserver", self._apiserver_arguments(client_port, api_port))
        self._wait(self.ca.exists, "a certificate")
        self.kubeconfig.write_text(json.dumps(build_kubeconfig(self.url, self.ca, self.token)))
        self._wait(self.ready, "/readyz")
        if self.controllers:
            self._add("kube-controller-manager", self._controller_arguments())

    def _add(self, name: str, arguments: Sequence[str]) -> None:
        component = Component.start(name, self.binaries / name, arguments, self.folder)
        self.components.append(component)

    def _wait(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not done():
            for component in self.components:
                component.check()
            if time.monotonic() > deadline:
                tail = self.components[-1].log_tail()
                raise ControlPlaneError(f"no {what} after {START_TIMEOUT_S:.0f} s:\n{tail}")
            time.sleep(POLL_S)

    def ready(self) -> bool:
        """Whether the API server says that it is ready."""
        request = urllib.request.Request(  # noqa: S310 - our own https address
            f"{self.url}/readyz", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            context = ssl.create_default_context(cafile=str(self.ca))
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _write_token(self) -> None:
        tokens = self.folder / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text(f'{self.token},tests,tests,"system:masters"\n')

    def _write_service_account_key(self) -> None:
        command = [str(self.binaries / "kubeadm"), "init", "phase", "certs", "sa"]
        target = f"--cert-dir={self.folder / 'certificates'}"
        subprocess.run([*command, target], check=True, capture_output=True)

    def _apiserver_arguments(self, etcd_port: int, port: int) -> list[str]:
        certificates = self.folder / "certificates"
        # Without a controller manager no namespace gets its default service account, and
        # admission would refuse every pod for it.
        disabled = [] if self.controllers else ["--disable-admission-plugins=ServiceAccount"]
        return [
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--cert-dir={certificates}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={certificates / 'sa.pub'}",
            f"--service-account-signing-key-file={certificates / 'sa.key'}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--endpoint-reconciler-type=none",
            "--allow-privileged=true",
            *disabled,
            *self.apiserver_arguments,
        ]

    def _controller_arguments(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--authentication-kubeconfig={self.kubeconfig}",
            f"--authorization-kubeconfig={self.kubeconfig}",
            f"--service-account-private-key-file={self.folder / 'certificates' / 'sa.key'}",
            f"--root-ca-file={self.ca}",
            "--bind-address=127.0.0.1",
            f"--secure-port={free_ports(1)[0]}",
            f"--cert-dir={self.folder / 'controller-certificates'}",
            "--leader-elect=false",
        ]


def kubernetes_binaries() -> Path:
    """The folder that holds etcd, kube-apiserver, kubectl and the rest, built if need be.

    The first build takes minutes; its progress goes to stderr.
    """
    done = subprocess.run([str(CLUSTER), "tools", "kubernetes"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.splitlines()[-1])


def etcd_arguments(data: Path, client_port: int, peer_port: int) -> list[str]:
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    return [
        f"--data-dir={data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",  # the data is gone with the tests; a crash of the machine may tear it
        "--log-level=warn",
    ]


def build_kubeconfig(url: str, ca: Path, token: str) -> dict[str, object]:
    name = "control-plane"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority": str(ca)}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on; held together so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports
