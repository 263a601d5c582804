"""An HTTP server for tests: ranges, redirects, and faults by path. It writes down what was asked of it."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Resource:
    """What a path answers. ``breaks``: how many answers end after half of what they promised;
    ``stalls``: a last byte that never comes; ``shifts``: so many bytes beside what was asked for pieces begin;
    ``whole``: pieces are not known."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    breaks: int = 0
    tag: str = '"one"'
    endless: bool = False
    stalls: bool = False
    shifts: int = 0
    whole: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class WebServer:
    """``with WebServer() as server:`` gives ``server.url(path)``; ``server.asked`` lists method, path and range.
    ``server.sent`` counts the bytes of bodies, ``server.connections`` who connected, also without asking."""

    address: str = "127.0.0.1"
    resources: dict[str, Resource] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    sent: int = 0
    connections: int = 0
    _acts: dict[int, Callable[[], object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._server = _counting(self)((self.address, 0), _handler(self))
        self._server.daemon_threads = True
        self.going = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.going.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def after(self, answers: int, act: Callable[[], object]) -> None:
        """Do something once so many have been asked for."""
        with self._lock:
            self._acts[len(self.asked) + answers] = act

    def _count(self, *asked: str) -> list[Callable[[], object]]:
        """Note a request; what is to be done at this one."""
        with self._lock:
            self.asked.append((asked[0], asked[1], asked[2]))
            act = self._acts.pop(len(self.asked), None)
        return [act] if act else []

    def _found(self, path: str) -> Resource:
        """The resource as it is when it is asked for: one answer must not follow what a test changes for the next."""
        with self._lock:
            resource = self.resources.get(path, Resource(status=404))
            found = replace(resource)
            resource.breaks = max(0, resource.breaks - 1)
        return found

    def _send(self, size: int) -> None:
        with self._lock:
            self.sent += size

    @property
    def host(self) -> str:
        return f"{self.address}:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


def _counting(server: WebServer) -> type[ThreadingHTTPServer]:
    class Counting(ThreadingHTTPServer):
        def get_request(self) -> Any:
            accepted = super().get_request()
            server.connections += 1
            return accepted

        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exc_info()[1], ConnectionError):  # who has enough goes away
                super().handle_error(request, client_address)

    return Counting


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            for act in server._count("GET", self.path, self.headers.get("Range", "")):
                act()
            try:
                self._answer(server._found(self.path.partition("?")[0]))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _answer(self, found: Resource) -> None:
            asked = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range", ""))
            same = self.headers.get("If-Range", found.tag) == found.tag
            at, end = 0, len(found.body)
            if piece := asked if same and not found.whole and found.status == 200 else None:
                at = int(piece[1]) + found.shifts
                end = min(end, int(piece[2] or end) + 1)
            body = found.body[at:end]
            self.send_response(206 if piece else found.status)
            if piece:
                self.send_header("Content-Range", f"bytes {at}-{end - 1}/{len(found.body)}")
            if found.location:
                self.send_header("Location", found.location)
            if found.tag:
                self.send_header("ETag", found.tag)
            for name, value in found.headers.items():
                self.send_header(name, value)
            if not found.endless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if found.breaks:
                body = body[: len(body) // 2]
                self.close_connection = True
            if found.stalls:
                body = body[:-1]
            server._send(len(body))
            self.wfile.write(body)
            self.wfile.flush()
            while found.endless and not server.going.is_set():
                self.wfile.write(bytes(1 << 16))
            if found.stalls:
                server.going.wait(60)

    return Handler
