"""A server that a source comes from: asked under the guard, redirects followed by hand, answers in a job's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

import urllib3

from videojobs_worker.errors import JobError
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.addresses import Reach
from videojobs_worker.storage.files import is_full, storage_error
from videojobs_worker.storage.guard import RefusedAddressError, UnresolvedError, guarded

MAX_REDIRECTS: Final = 5
#: In a row, without a byte between them.
MAX_FAILURES: Final = 5
BACKOFF_S: Final = 0.5
TIMEOUT: Final = urllib3.Timeout(connect=10, read=30)
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class BrokenError(Exception):
    """The transfer broke and may be resumed."""


class ChangedError(BrokenError):
    """What comes is not the rest of what came before."""


#: What may be tried again.
BREAKS: Final = (BrokenError, UnresolvedError, urllib3.exceptions.HTTPError, OSError)


def shown(url: str) -> str:
    """A URL for messages: what follows the question mark may be a signature."""
    return url.partition("?")[0]


@dataclass(frozen=True)
class Origin:
    """A source on a server.

    Args:
        sign: the URL to ask, http or https; asked for at each connection, since a signature is good for a while only.
        uri: as the user wrote it, for messages.
        reach: which addresses it may come from.
    """

    sign: Callable[[], str]
    uri: str
    reach: Reach
    _pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pool", guarded(self.reach))

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    @property
    def name(self) -> str:
        """The URI for messages."""
        return shown(self.uri)

    def ask(self, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """The answer to the last of the redirects, 200 or 206, its body unread.

        Raises:
            JobError: PathNotAllowed, SourceNotFound, SourceNotReadable.
            BrokenError, HTTPError, OSError: it may be tried again.
        """
        url = self.sign()
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(url, headers)
            if not response.get_redirect_location():
                self._check_status(response)
                return response
            response.close()
            url = urljoin(url, str(response.get_redirect_location()))
            if urlsplit(url).scheme not in ("http", "https"):
                told = f"{self.name} leads to {shown(url)}: only http and https are followed"
                raise JobError("PathNotAllowed", told)
        raise JobError("SourceNotReadable", f"{self.name}: more than {MAX_REDIRECTS} redirects")

    def _request(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        sent = {"User-Agent": "videojobs", "Accept-Encoding": "identity", **headers}
        try:
            return self._pool.request(
                "GET", url, headers=sent, redirect=False, retries=False, preload_content=False, timeout=TIMEOUT
            )
        except RefusedAddressError as error:
            text = f"{self.name}: {error}: the workers' VIDEOJOBS_HTTP_ALLOW can allow it"
            raise JobError("PathNotAllowed", text) from None
        except (urllib3.exceptions.LocationParseError, ValueError) as error:
            raise JobError("PathNotAllowed", f"{self.name} is no URL: {error}") from None

    def _check_status(self, response: urllib3.BaseHTTPResponse) -> None:
        status = response.status
        if status in (200, 206):
            return
        response.close()
        if status in _PASSING:
            raise BrokenError(f"the server answered {status}")
        if status in (412, 416):  # what was had is no part of what there is now
            raise ChangedError("the source has changed")
        if status in (404, 410):
            raise JobError("SourceNotFound", f"{self.name} is not there: the server answered {status}")
        raise JobError("SourceNotReadable", f"{self.name} cannot be read: the server answered {status}")


@dataclass
class Patience:
    """How often in a row a transfer may break without a byte between."""

    name: str
    stopper: Stopper
    _failures: int = 0

    def wait(self, error: Exception, *, moved: bool) -> None:
        """Wait before the next try.

        Raises:
            JobError: StorageUnavailable, it broke too often; DiskFull; StoppedError.
        """
        self.stopper.check()
        if isinstance(error, OSError) and is_full(error):
            raise storage_error(error, self.name, "StorageFailed") from error
        self._failures = 1 if moved else self._failures + 1
        if self._failures >= MAX_FAILURES:
            raise JobError("StorageUnavailable", f"{self.name}: {_first_line(error)}", retryable=True) from error
        self.stopper.wait(BACKOFF_S * 2**self._failures)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


@dataclass(frozen=True)
class Piece:
    """Which bytes of a source an answer holds: ``first`` to ``last``, of ``total`` where that is told."""

    first: int
    last: int
    total: int | None


def piece_of(response: urllib3.BaseHTTPResponse) -> Piece | None:
    """By ``Content-Range`` (RFC 9110, 14.4); None where nothing sensible is told."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    if not found or int(found[1]) > int(found[2]):
        return None
    return Piece(int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3]))


def tag_of(response: urllib3.BaseHTTPResponse) -> str:
    """What changes when the source does, for ``If-Range``; empty where the server does not tell."""
    return response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
