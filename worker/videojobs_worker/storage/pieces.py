"""A source over a network of which only what is read is fetched, once, into a file with holes."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Final

import urllib3

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.origin import BREAKS, BrokenError, ChangedError, Origin, Patience, piece_of, tag_of

BLOCK_BYTES: Final = 1 << 17
_READ_BYTES: Final = 1 << 16


class _WholeError(Exception):
    """The server sends no pieces."""


class Pieces:
    """Reads a source as if it lay here. Safe to use from many threads; one asks the server at a time.

    A piece must be of the same whole as the first: its length and its tag are compared.
    """

    def __init__(self, origin: Origin, target: Path, stopper: Stopper) -> None:
        self._origin, self._stopper = origin, stopper
        self.path = target
        self._file = target.open("w+b", buffering=0)
        self._lock = threading.Lock()
        self._had: set[int] = set()
        self._tag = ""
        self._response: urllib3.BaseHTTPResponse | None = None
        self._closed = False
        self.size = 0
        self.fetched = 0
        self.error: JobError | None = None

    def begin(self, max_bytes: int) -> bool:
        """Fetch the first piece: whether the server sends pieces, and tells when they change.

        Raises:
            JobError: as :meth:`Download.run`.
        """
        try:
            with self._stopper.ending(self._break_off), self._lock:
                self._fetch(0, BLOCK_BYTES)
        except _WholeError:
            return False
        if self.size > max_bytes:
            text = f"{self._origin.name} is larger than MAX_SOURCE_BYTES, {max_bytes}: raise it, or give less"
            raise JobError("SourceTooLarge", text)
        self._had = {0}
        return True

    @property
    def identity(self) -> str:
        """A text that differs whenever the content does."""
        return f"{self._tag} {self.size}"

    def read(self, at: int, most: int, blocks: int = 1) -> bytes:
        """Up to ``most`` bytes of one block; where they must be fetched, so many blocks at once.

        Raises:
            JobError, OSError: they cannot be had; the first JobError stays in ``error``.
        """
        number = at // BLOCK_BYTES
        with self._lock:
            try:
                if number not in self._had:
                    self._need(number, blocks)
                return os.pread(self._file.fileno(), min(most, (number + 1) * BLOCK_BYTES - at), at)
            finally:
                if self._closed:
                    self._let_go()

    def close(self) -> None:
        """Let go of the server and the file; what is being fetched breaks off, and is not waited for."""
        self._closed = True
        self._break_off()
        if self._lock.acquire(blocking=False):
            self._let_go()
            self._lock.release()

    def _break_off(self) -> None:
        if (response := self._response) is not None:
            with contextlib.suppress(OSError, ValueError):
                response.shutdown()

    def _let_go(self) -> None:
        self._file.close()
        self._origin.close()

    def _need(self, number: int, blocks: int) -> None:
        last = number
        while last + 1 < number + blocks and last + 1 not in self._had and (last + 1) * BLOCK_BYTES < self.size:
            last += 1
        try:
            self._fetch(number * BLOCK_BYTES, min((last + 1) * BLOCK_BYTES, self.size))
        except _WholeError:
            self.error = self.error or self._changed()
            raise self.error from None
        except JobError as error:
            self.error = self.error or error
            raise
        self._had |= set(range(number, last + 1))

    def _changed(self) -> JobError:
        text = f"{self._origin.name} has changed while it was read: try again when it is written"
        return JobError("StorageUnavailable", text, retryable=True)

    def _fetch(self, at: int, end: int) -> None:
        """``[at, end)`` into the file, whatever breaks on the way."""
        patience = Patience(self._origin.name, self._stopper)
        while not self.size or at < min(end, self.size):
            before, self._at = at, at
            try:
                self._transfer(at, end)
            except ChangedError:
                raise self._changed() from None
            except BREAKS as error:
                self._check_wanted()
                patience.wait(error, moved=self._at > before)
            finally:
                at = self._at

    def _transfer(self, at: int, end: int) -> None:
        response = self._response = self._origin.ask({"Range": f"bytes={at}-{end - 1}"})
        try:
            self._check_wanted()  # whoever broke off before could not reach this answer
            self._check(response, at)
            for chunk in response.stream(_READ_BYTES, decode_content=False):
                wanted = chunk[: end - self._at]
                os.pwrite(self._file.fileno(), wanted, self._at)
                self._at += len(wanted)
                self.fetched += len(wanted)
                if self._at >= end:
                    return
        finally:
            self._response = None
            response.close()  # where all was read, its connection is in the pool again
        if self._at < min(end, self.size):
            raise BrokenError(f"ended after {self._at - at} of {end - at} bytes")

    def _check_wanted(self) -> None:
        self._stopper.check()
        if self._closed:
            raise StoppedError("Cancelled", "nobody reads any more")

    def _check(self, response: urllib3.BaseHTTPResponse, at: int) -> None:
        piece = piece_of(response) if response.status == 206 else None
        if piece is None or not piece.total or not tag_of(response):
            raise _WholeError
        if piece.first != at or self.size not in (0, piece.total) or self._tag not in ("", tag_of(response)):
            raise ChangedError("the source has changed")
        self.size, self._tag = piece.total, tag_of(response)
