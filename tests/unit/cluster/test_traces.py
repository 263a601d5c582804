"""Of the firewall, only what an engine of ours brought is taken away."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_cluster.errors import ClusterError
from videojobs_cluster.traces import BRIDGE_SPACE, free_network, undo_rules

# As `iptables -S` prints them; the kind network's bridge is br-..., the engine's own vjobs-...
FILTER = """\
-P INPUT ACCEPT
-P FORWARD DROP
-N DOCKER
-N DOCKER-ISOLATION-STAGE-1
-N DOCKER-USER
-N DOCKERS
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -j DOCKERS
-A FORWARD -o br-0117874c5d4f -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i vjobs-d8260598 ! -o vjobs-d8260598 -j ACCEPT
-A FORWARD -i br-lan -o eth0 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i br-0117874c5d4f -o br-0117874c5d4f -p tcp --dport 6443 -j ACCEPT
-A DOCKER-USER -j RETURN
"""
NAT = """\
-P POSTROUTING ACCEPT
-N DOCKER
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o br-0117874c5d4f -j MASQUERADE
-A POSTROUTING -s 10.8.0.0/24 -o eth0 -j MASQUERADE
"""


def undone(rules: str) -> list[str]:
    return [" ".join(command) for command in undo_rules(rules.splitlines())]


def test_takes_the_engines_rules_and_chains_and_no_others() -> None:
    assert undone(FILTER) == [
        "-D FORWARD -j DOCKER-USER",
        "-D FORWARD -j DOCKER-ISOLATION-STAGE-1",
        "-D FORWARD -o br-0117874c5d4f -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-D FORWARD -i vjobs-d8260598 ! -o vjobs-d8260598 -j ACCEPT",
        "-F DOCKER",
        "-F DOCKER-ISOLATION-STAGE-1",
        "-F DOCKER-USER",
        "-X DOCKER",
        "-X DOCKER-ISOLATION-STAGE-1",
        "-X DOCKER-USER",
    ]


def test_takes_its_masquerading_and_leaves_that_of_others() -> None:
    assert undone(NAT) == [
        "-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        "-D POSTROUTING -s 172.17.0.0/16 ! -o br-0117874c5d4f -j MASQUERADE",
        "-F DOCKER",
        "-X DOCKER",
    ]


networks = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(int(BRIDGE_SPACE[0]), int(BRIDGE_SPACE[-1])),
    st.integers(18, 32),
)


@given(st.lists(networks, max_size=3))
def test_the_bridges_network_overlaps_no_other(taken: list[IPv4Network]) -> None:
    chosen = free_network(taken)
    assert chosen.subnet_of(BRIDGE_SPACE)
    assert not any(chosen.overlaps(one) for one in taken)


def test_says_when_no_network_is_free() -> None:
    with pytest.raises(ClusterError, match="no range of addresses in"):
        free_network([IPv4Network("100.64.0.0/10")])
