"""Which network addresses a user's URL may reach: public ones, and those that the operator of the workers allows.

Everything else could be the cloud's metadata service, the cluster's API server or a neighbour. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits


@dataclass(frozen=True)
class Reach:
    """What may be reached beyond public addresses: ``hosts`` by name, and ``networks``."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allows(self, host: str, address: str) -> bool:
        """Whether a host may be reached at an address that its name stands for."""
        plain = _plain(ip_address(address.partition("%")[0]))
        return host.lower() in self.hosts or any(plain in network for network in self.networks) or _is_public(plain)


def reach(entries: Sequence[str]) -> Reach:
    """Host names, addresses and CIDRs as the setting lists them.

    Raises:
        ValueError: an entry is none of these.
    """
    hosts, networks = set(), []
    for entry in entries:
        try:
            networks.append(ip_network(entry))
        except ValueError:
            if "/" in entry or ":" in entry:
                raise ValueError(f"{entry!r} is neither a host name nor a CIDR such as 10.0.0.0/8") from None
            hosts.add(entry.lower())
    return Reach(frozenset(hosts), tuple(networks))


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that stands inside an IPv6 one, however it got there."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast
