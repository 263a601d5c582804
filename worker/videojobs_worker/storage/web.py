"""Sources over HTTP: addresses checked at every connection, redirects followed by hand, broken transfers resumed."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from videojobs_worker.errors import JobError
from videojobs_worker.process.runner import Stopper
from videojobs_worker.storage.addresses import Reach

CHUNK_BYTES: Final = 1 << 20
MAX_REDIRECTS: Final = 5
#: In a row, without a byte between them.
MAX_FAILURES: Final = 5
BACKOFF_S: Final = 0.5
TIMEOUT: Final = urllib3.Timeout(connect=10, read=30)
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
OnBytes = Callable[[int, int | None], None]


class _RefusedAddressError(Exception):
    """A host stands for an address that may not be reached."""


class _BrokenError(Exception):
    """The transfer broke and may be resumed."""


def shown(url: str) -> str:
    """A URL for messages: what follows the question mark may be a signature."""
    return url.partition("?")[0]


@dataclass
class Download:
    """One source on its way into a file.

    Args:
        url: http or https.
        uri: as the user wrote it, for messages.
        target: the local file.
        reach: which addresses it may come from.
        max_bytes: larger sources are refused.
        stopper: ends it early.
        tell: told of bytes had and bytes in all, where known.
    """

    url: str
    uri: str
    target: Path
    reach: Reach
    max_bytes: int
    stopper: Stopper
    tell: OnBytes = lambda _have, _total: None
    _have: int = 0
    _total: int | None = None
    _tag: str = ""
    _pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        self._pool = _guarded(self.reach)

    def run(self) -> Path:
        """Fetch it all.

        Raises:
            JobError: PathNotAllowed, SourceNotFound, SourceNotReadable, SourceTooLarge, DiskFull, or
                StorageUnavailable (retryable).
        """
        failures = 0
        with contextlib.closing(_Closing(self._pool)):
            while True:
                before = self._have
                try:
                    self._transfer()
                except (_BrokenError, urllib3.exceptions.HTTPError, OSError) as error:
                    self.stopper.check()
                    failures = 1 if self._have > before else failures + 1
                    if failures >= MAX_FAILURES:
                        text = f"{self._name}: {_first_line(error)}"
                        raise JobError("StorageUnavailable", text, retryable=True) from error
                else:
                    return self.target
                self.stopper.wait(BACKOFF_S * 2**failures)

    @property
    def _name(self) -> str:
        return shown(self.uri)

    def _transfer(self) -> None:
        response = self._opened()
        self.stopper.attach(response.shutdown)
        try:
            self._begin(response)
            with self.target.open("r+b" if self._have else "wb") as file:
                file.seek(self._have)
                for chunk in response.stream(CHUNK_BYTES, decode_content=False):
                    file.write(chunk)
                    self._have += len(chunk)
                    self._check_size(self._have)
                    self.tell(self._have, self._total)
        finally:
            self.stopper.detach()
            response.close()
            self.stopper.check()
        if self._total is not None and self._have != self._total:
            raise _BrokenError(f"ended after {self._have} of {self._total} bytes")

    def _begin(self, response: urllib3.BaseHTTPResponse) -> None:
        """Where the answer begins and how long the whole is."""
        length = response.headers.get("Content-Length", "")
        coming = int(length) if length.isdecimal() else None
        if response.status != 206:
            self._have = 0
        self._total = self._have + coming if coming is not None else None
        self._tag = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        self._check_size(self._total or 0)
        if coming and coming > shutil.disk_usage(self.target.parent).free:
            text = f"{self._name} has {self._total} bytes, more than are free for scratch: give the pool more"
            raise JobError("DiskFull", text, retryable=True)

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            text = f"{self._name} is larger than MAX_SOURCE_BYTES, {self.max_bytes}: raise it, or give less"
            raise JobError("SourceTooLarge", text)

    def _opened(self) -> urllib3.BaseHTTPResponse:
        """The answer to the last of the redirects."""
        url = self.url
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(url)
            if not response.get_redirect_location():
                self._check_status(response)
                return response
            response.close()
            url = urljoin(url, str(response.get_redirect_location()))
            if urlsplit(url).scheme not in ("http", "https"):
                raise JobError(
                    "PathNotAllowed", f"{self._name} leads to {shown(url)}: only http and https are followed"
                )
        raise JobError("SourceNotReadable", f"{self._name}: more than {MAX_REDIRECTS} redirects")

    def _request(self, url: str) -> urllib3.BaseHTTPResponse:
        # If the source has changed meanwhile, the whole of it comes.
        resume = {"Range": f"bytes={self._have}-", "If-Range": self._tag} if self._have and self._tag else {}
        if not resume:
            self._have = 0
        headers = {"User-Agent": "videojobs", "Accept-Encoding": "identity", **resume}
        try:
            return self._pool.request(
                "GET", url, headers=headers, redirect=False, retries=False, preload_content=False, timeout=TIMEOUT
            )
        except _RefusedAddressError as error:
            text = f"{self._name}: {error}: the workers' VIDEOJOBS_HTTP_ALLOW can allow it"
            raise JobError("PathNotAllowed", text) from None
        except (urllib3.exceptions.LocationParseError, ValueError) as error:
            raise JobError("PathNotAllowed", f"{self._name} is no URL: {error}") from None

    def _check_status(self, response: urllib3.BaseHTTPResponse) -> None:
        status = response.status
        if status in (200, 206):
            return
        response.close()
        if status in _PASSING:
            raise _BrokenError(f"the server answered {status}")
        if status == 416:  # what was had is more than there is now
            self._tag = ""
            raise _BrokenError("the source has changed")
        if status in (404, 410):
            raise JobError("SourceNotFound", f"{self._name} is not there: the server answered {status}")
        raise JobError("SourceNotReadable", f"{self._name} cannot be read: the server answered {status}")


class _Closing:
    """A pool of connections, to be closed."""

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self.close = pool.clear


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _guarded(reach: Reach) -> urllib3.PoolManager:
    """Connections that look where they go: names are resolved once, and what is connected to is what was checked."""

    class Guard:
        host: str
        port: int
        _dns_host: str

        def _new_conn(self) -> Any:
            named = self._dns_host
            self._dns_host = _checked(self.host, self.port, reach)
            try:
                return super()._new_conn()  # type: ignore[misc]
            finally:
                self._dns_host = named  # certificates are for names

    class Plain(Guard, HTTPConnection):
        pass

    class Secure(Guard, HTTPSConnection):
        pass

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    pool = urllib3.PoolManager()
    pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return pool


def _checked(host: str, port: int, reach: Reach) -> str:
    """An address of the host. All must be allowed: an attacker chooses their order."""
    bare = host.strip("[]")
    try:
        found = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _BrokenError(f"{bare} cannot be resolved ({error})") from error
    addresses = [str(place[0]) for *_, place in found]
    for address in addresses:
        if not reach.allows(bare, address):
            raise _RefusedAddressError(f"{bare} stands for {address}, which is not a public address")
    return addresses[0]
