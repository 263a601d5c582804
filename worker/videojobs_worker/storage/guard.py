"""Connections that look where they go: names are resolved once, and what is connected to is what was checked."""

from __future__ import annotations

import socket
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from videojobs_worker.storage.addresses import Reach


class RefusedAddressError(Exception):
    """A host stands for an address that may not be reached."""


class UnresolvedError(Exception):
    """A host stands for no address, now."""


def guarded(reach: Reach) -> urllib3.PoolManager:
    """A pool of such connections."""

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
        raise UnresolvedError(f"{bare} cannot be resolved ({error})") from error
    addresses = [str(place[0]) for *_, place in found]
    for address in addresses:
        if not reach.allows(bare, address):
            named = address if address == bare else f"{bare} stands for {address}, which"
            raise RefusedAddressError(f"{named} is not a public address")
    return addresses[0]
