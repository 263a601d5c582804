"""An HTTP server for tests: ranges, redirects, and faults by path. It writes down what was asked of it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Resource:
    """What a path answers. ``breaks``: how many answers end after half of what they promised;
    ``stalls``: a last byte that never comes."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    breaks: int = 0
    tag: str = '"one"'
    endless: bool = False
    stalls: bool = False


@dataclass
class WebServer:
    """``with WebServer() as server:`` gives ``server.url(path)``; ``server.asked`` lists method, path and range."""

    resources: dict[str, Resource] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
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

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            server.asked.append(("GET", self.path, self.headers.get("Range", "")))
            found = server.resources.get(self.path.partition("?")[0], Resource(status=404))
            try:
                self._answer(found)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _answer(self, found: Resource) -> None:
            begin = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
            at = int(begin[1]) if begin and self.headers.get("If-Range") == found.tag else 0
            body = found.body[at:]
            self.send_response(206 if at else found.status)
            if found.location:
                self.send_header("Location", found.location)
            self.send_header("ETag", found.tag)
            if not found.endless:
                self.send_header("Content-Length", str(len(body) + found.stalls))
            self.end_headers()
            if found.breaks:
                found.breaks -= 1
                body = body[: len(body) // 2]
                self.close_connection = True
            self.wfile.write(body)
            self.wfile.flush()
            while found.endless and not server.going.is_set():
                self.wfile.write(bytes(1 << 16))
            if found.stalls:
                server.going.wait(60)

    return Handler
