"""Where a URI leads: to a file under a root, to an object, or to a server."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from videojobs_worker.errors import JobError
from videojobs_worker.process.runner import Stopper
from videojobs_worker.storage import s3
from videojobs_worker.storage.addresses import Reach
from videojobs_worker.storage.file_target import FileTarget
from videojobs_worker.storage.files import folder_path, source_path, target_path
from videojobs_worker.storage.target import Target
from videojobs_worker.storage.web import Download, OnBytes, shown


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

    def source(self, uri: str, scratch: Path, stopper: Stopper, tell: OnBytes) -> Path:
        """A local file with what a URI names, fetched if need be.

        Raises:
            JobError: as :func:`source_path` and :meth:`Download.run`.
        """
        scheme = uri.partition("://")[0].lower()
        if scheme in ("http", "https"):
            return self._downloaded(uri, uri, self.reach, scratch, stopper, tell)
        if scheme == "s3":
            url, host = s3.presigned(uri)
            reach = replace(self.reach, hosts=self.reach.hosts | {host})
            return self._downloaded(url, uri, reach, scratch, stopper, tell)
        return source_path(uri, self.roots)

    def _downloaded(self, url: str, uri: str, reach: Reach, scratch: Path, stopper: Stopper, tell: OnBytes) -> Path:
        parts = _checked(url, uri)
        ending = re.search(r"\.[A-Za-z0-9]{1,5}$", unquote(parts))
        name = hashlib.sha256(uri.encode()).hexdigest()[:16]
        target = scratch / f"source-{name}{ending[0].lower() if ending else ''}"
        return Download(url, uri, target, reach, self.max_source_bytes, stopper, tell).run()

    def target(self, uri: str) -> Target:
        """Where an output goes. Errors as :func:`target_path`."""
        if uri.startswith("s3://"):
            return s3.S3Target(*s3.location(uri))
        return FileTarget(target_path(uri, self.roots))

    def targets(self, uri: str, names: list[str]) -> list[Target]:
        """Files of these names in the folder that an output URI names. Errors as :func:`folder_path`."""
        if uri.startswith("s3://"):
            return [self.target(f"{uri.rstrip('/')}/{name}") for name in names]
        folder = folder_path(uri, self.roots)
        return [FileTarget(folder / name) for name in names]


def _checked(url: str, uri: str) -> str:
    """The path of a URL that can be meant."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise JobError("PathNotAllowed", f"{shown(uri)} is no URL: {error}") from None
    if not parts.hostname or re.search(r"[\x00-\x20\x7f\\]", url):
        raise JobError("PathNotAllowed", f"{shown(uri)} is no URL: give http(s)://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        text = "a URL with a password is seen by all who read the resource: give a signed URL, or use s3"
        raise JobError("PathNotAllowed", text)
    return parts.path
