"""A source in pieces, served to this machine's ffmpeg: it gets an address of ours and never one of a user's."""

from __future__ import annotations

import re
import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from videojobs_worker.errors import JobError
from videojobs_worker.storage.pieces import Pieces

#: What lies in a socket's buffer was fetched, and may never be read.
_BUFFER_BYTES: Final = 1 << 16
#: A connection that reads on gets more at once, as one that jumps about would waste.
_BLOCKS_BEFORE_MORE: Final = 4
_MOST_BLOCKS: Final = 16


class Serving:
    """``with Serving(pieces) as serving:`` answers at ``serving.url``, which nobody can guess."""

    def __init__(self, pieces: Pieces) -> None:
        self._path = f"/{secrets.token_urlsafe(32)}"
        self._server = _Server(("127.0.0.1", 0), _handler(pieces, self._path))
        self._thread = threading.Thread(target=self._server.serve_forever, name="serving", daemon=True)

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # who still fetches then is ended by closing the pieces

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        super().server_bind()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What went wrong with a source stands in its ``error``; whoever went away needs no word."""


def blocks_at_once(had: int) -> int:
    """How many blocks a connection is given at once, after so many in a row."""
    return min(_MOST_BLOCKS, 1 << had // _BLOCKS_BEFORE_MORE)


def _handler(pieces: Pieces, path: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            asked = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range", "bytes=0-"))
            if not secrets.compare_digest(self.path.encode(), path.encode()) or not asked:
                return self.send_error(404)
            at, end = int(asked[1]), min(int(asked[2] or pieces.size) + 1, pieces.size)
            if at >= end:
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {at}-{end - 1}/{pieces.size}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(end - at))
            self.end_headers()
            return self._send(at, end)

        def _send(self, at: int, end: int) -> None:
            had = 0
            while at < end:
                try:
                    data = pieces.read(at, end - at, blocks_at_once(had))
                    self.wfile.write(data)
                except (JobError, OSError):
                    return
                at, had = at + len(data), had + 1

    return Handler
