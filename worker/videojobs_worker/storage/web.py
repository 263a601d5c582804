"""Sources over HTTP, fetched whole: broken transfers go on where they were; what came is held against its promise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import urllib3

from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.integrity import Promise, promised
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.origin import BREAKS, BrokenError, ChangedError, Origin, Patience, piece_of, tag_of
from videojobs_worker.storage.reservation import Room

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK_BYTES: Final = 1 << 20
OnBytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Fetched:
    """A source's local file, and a text that differs whenever its content does; empty where nobody can tell."""

    path: Path
    identity: str


@dataclass
class Download:
    """One source on its way into a file.

    Args:
        origin: where it comes from.
        target: the local file.
        max_bytes: larger sources are refused.
        stopper: ends it early.
        tell: told of bytes had and bytes in all, where known.
        room: asked for the bytes that will come, where known.
    """

    origin: Origin
    target: Path
    max_bytes: int
    stopper: Stopper
    tell: OnBytes
    room: Room
    _have: int = 0
    _total: int | None = None
    _tag: str = ""
    _promise: Promise | None = None
    _digest: _Hash | None = None

    def run(self) -> Fetched:
        """Fetch it all.

        Raises:
            JobError: PathNotAllowed, SourceNotFound, SourceNotReadable, SourceTooLarge, DiskFull, or
                StorageUnavailable (retryable).
        """
        patience = Patience(self.origin.name, self.stopper)
        with contextlib.closing(self.origin):
            while True:
                before = self._have
                try:
                    self._transfer()
                except BREAKS as error:
                    if isinstance(error, ChangedError):
                        self._tag = ""  # so that the whole of it comes
                    patience.wait(error, moved=self._have > before)
                else:
                    self._check_promise()
                    return Fetched(self.target, f"{self._tag} {self._have}" if self._tag else "")

    def _transfer(self) -> None:
        response = self.origin.ask(self._resume())
        try:
            with self.stopper.ending(response.shutdown):
                self._receive(response)
        finally:
            response.close()
            self.stopper.check()
        if self._total is not None and self._have != self._total:
            raise BrokenError(f"ended after {self._have} of {self._total} bytes")

    def _receive(self, response: urllib3.BaseHTTPResponse) -> None:
        self._begin(response)
        with self.target.open("r+b" if self._have else "wb") as file:
            file.seek(self._have)
            for chunk in response.stream(CHUNK_BYTES, decode_content=False):
                file.write(chunk)
                self._take(chunk)

    def _resume(self) -> dict[str, str]:
        """If the source has changed meanwhile, the whole of it comes."""
        if self._have and self._tag:
            return {"Range": f"bytes={self._have}-", "If-Range": self._tag}
        self._have, self._total = 0, None
        return {}

    def _begin(self, response: urllib3.BaseHTTPResponse) -> None:
        """Where the answer begins, how long the whole is, and what its checksum must be."""
        length = response.headers.get("Content-Length", "")
        coming = int(length) if length.isdecimal() else None
        if response.status == 206:
            self._check_piece(response)
        else:
            self._have, self._total = 0, coming
        if not self._have:
            self._promise = promised(response.headers, s3=self.origin.uri.startswith("s3://"))
            self._digest = self._promise.start() if self._promise else None
        self._tag = tag_of(response)
        self._check_size(self._total or 0)
        if self._total:
            self.room([Need(self.target, self._total)])

    def _check_piece(self, response: urllib3.BaseHTTPResponse) -> None:
        """A server may send another piece than it was asked for, or one of another whole."""
        piece = piece_of(response)
        if piece is None or piece.first != self._have or self._total not in (None, piece.total or self._total):
            raise ChangedError("the server sent another piece than it was asked for")
        self._total = piece.total or self._total

    def _take(self, chunk: bytes) -> None:
        self._have += len(chunk)
        self._check_size(self._have)
        if self._digest:
            self._digest.update(chunk)
        self.tell(self._have, self._total)

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            text = f"{self.origin.name} is larger than MAX_SOURCE_BYTES, {self.max_bytes}: raise it, or give less"
            raise JobError("SourceTooLarge", text)

    def _check_promise(self) -> None:
        if self._promise and self._digest and self._digest.hexdigest() != self._promise.digest:
            text = (
                f"{self.origin.name}: what came has {self._promise.algorithm} {self._digest.hexdigest()}, "
                f"but its server tells {self._promise.digest}: it came broken, or lies broken there"
            )
            raise JobError("StorageUnavailable", text, retryable=True)
