"""SHA-256 of a file while something else reads it, so that it is read once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO, Final

from videojobs_worker.process.stopper import Stopper

_CHUNK_BYTES: Final = 1 << 20


class HashedReader:
    """A binary file to read from, whose digest grows with it. Bytes that are read again, as retries do, count once.

    Every reading raises StoppedError once the stopper is stopped, which ends whatever reads.
    """

    def __init__(self, file: BinaryIO, stopper: Stopper) -> None:
        self._file, self._stopper = file, stopper
        self._digest, self._hashed = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        self._stopper.check()
        at = self._file.tell()
        data = self._file.read(size)
        if at <= self._hashed < at + len(data):
            self._digest.update(memoryview(data)[self._hashed - at :])
            self._hashed = at + len(data)
        return data

    def seekable(self) -> bool:
        """As a file's."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file's."""
        return self._file.tell()

    def close(self) -> None:
        """Nothing: what reads it, as an uploader, may close it before all is hashed. Its owner closes the file."""

    def sha256(self) -> str:
        """Hexadecimal, of the whole file: what nobody has read is read now.

        Raises:
            StoppedError: it was stopped, also where all was read.
        """
        self._file.seek(self._hashed)
        while self.read(_CHUNK_BYTES):
            pass
        return self._digest.hexdigest()


def sha256_of(path: Path, stopper: Stopper) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises:
        StoppedError: it was stopped meanwhile.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return HashedReader(file, stopper).sha256()
