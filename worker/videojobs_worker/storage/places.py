"""Where a URI leads: to a file under a root, to an object, or to a server."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage import s3
from videojobs_worker.storage.addresses import Reach
from videojobs_worker.storage.content_types import content_type
from videojobs_worker.storage.file_target import FileTarget
from videojobs_worker.storage.files import folder_path, source_path, target_path
from videojobs_worker.storage.origin import Origin, shown
from videojobs_worker.storage.pieces import Pieces
from videojobs_worker.storage.reservation import Room, require_room
from videojobs_worker.storage.target import Target
from videojobs_worker.storage.web import Download, Fetched, OnBytes


@dataclass(frozen=True)
class Places:
    """What this worker may read and write.

    Args:
        roots: folders for ``file://``.
        reach: addresses for ``http://`` and ``https://`` beyond public ones.
        max_source_bytes: what is fetched over a network must not be larger.
    """

    roots: tuple[Path, ...]
    reach: Reach
    max_source_bytes: int

    def source(self, uri: str, scratch: Path, stopper: Stopper, tell: OnBytes, room: Room = require_room) -> Fetched:
        """A local file with what a URI names, fetched if need be.

        Raises:
            JobError: as :func:`source_path` and :meth:`Download.run`.
        """
        if (origin := self._origin(uri)) is None:
            return _local(source_path(uri, self.roots))
        ending = re.search(r"\.[A-Za-z0-9]{1,5}$", unquote(urlsplit(origin.sign()).path))
        target = scratch / f"source-{_hashed(uri)}{ending[0].lower() if ending else ''}"
        return Download(origin, target, self.max_source_bytes, stopper, tell, room).run()

    def pieces(self, uri: str, scratch: Path, stopper: Stopper) -> Pieces | None:
        """A source to be read where it lies; None where it lies here, or its server sends no pieces.

        Raises:
            JobError: as :meth:`Download.run`.
        """
        if (origin := self._origin(uri)) is None:
            return None
        pieces = Pieces(origin, scratch / f"pieces-{_hashed(uri)}", stopper)
        sends = False
        try:
            sends = pieces.begin(self.max_source_bytes)
        finally:
            if not sends:
                pieces.close()
        return pieces if sends else None

    def _origin(self, uri: str) -> Origin | None:
        """The server that a source comes from; None where it is none that comes over a network."""
        scheme = uri.partition("://")[0].lower()
        if scheme in ("http", "https"):
            _check(uri, uri)
            return Origin(lambda: uri, uri, self.reach)
        if scheme == "s3":
            url, host = s3.presigned(uri)
            _check(url, uri)
            return Origin(lambda: s3.presigned(uri)[0], uri, replace(self.reach, hosts=self.reach.hosts | {host}))
        return None

    def target(self, uri: str, container: str | None = None) -> Target:
        """Where an output goes, which is in the container that its URI's ending names or this one.

        Raises:
            JobError: as :func:`target_path`.
        """
        if uri.startswith("s3://"):
            return s3.S3Target(*s3.location(uri), content_type(uri, container))
        return FileTarget(target_path(uri, self.roots))

    def targets(self, uri: str, names: list[str]) -> list[Target]:
        """Files of these names in the folder that an output URI names. Errors as :func:`folder_path`."""
        if uri.startswith("s3://"):
            return [self.target(f"{uri.rstrip('/')}/{name}") for name in names]
        folder = folder_path(uri, self.roots)
        return [FileTarget(folder / name) for name in names]


def _local(path: Path) -> Fetched:
    state = path.stat()
    return Fetched(path, f"{state.st_ino} {state.st_size} {state.st_mtime_ns}")


def _hashed(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


def _check(url: str, uri: str) -> None:
    """Refuse a URL that cannot be meant."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise JobError("PathNotAllowed", f"{shown(uri)} is no URL: {error}") from None
    if not parts.hostname or re.search(r"[\x00-\x20\x7f\\]", url):
        raise JobError("PathNotAllowed", f"{shown(uri)} is no URL: give http(s)://HOST/PATH, a space as %20")
    if parts.username is not None or parts.password is not None:
        text = "a URL with a password is seen by all who read the resource: give a signed URL, or use s3"
        raise JobError("PathNotAllowed", text)
