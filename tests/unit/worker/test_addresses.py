"""A user's URL reaches public addresses, and what the workers' operator allows; nothing else."""

from __future__ import annotations

import pytest

from videojobs_worker.storage.addresses import reach

NOBODY = reach([])


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_reached(address: str) -> None:
    assert NOBODY.allows("example.com", address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.96.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",  # noqa: S104
        "169.254.169.254", "169.254.170.2", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    ],
)  # fmt: skip
def test_others_are_not(address: str) -> None:
    assert not NOBODY.allows("example.com", address)


def test_what_is_allowed_is_reached_and_no_more() -> None:
    some = reach(["media.example.svc", "10.0.5.0/24", "fd00::/8", "192.168.1.7"])
    assert some.allows("Media.Example.svc", "10.96.0.7")
    assert not some.allows("other.example.svc", "10.96.0.7")
    assert some.allows("x", "10.0.5.9")
    assert some.allows("x", "::ffff:10.0.5.9")
    assert not some.allows("x", "10.0.6.9")
    assert some.allows("x", "fd00::9")
    assert some.allows("x", "192.168.1.7")


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "10.0.0.1/8", "http://example.com"])
def test_a_wrong_entry_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a host name nor a CIDR"):
        reach([entry])
