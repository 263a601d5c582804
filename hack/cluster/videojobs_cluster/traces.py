"""What an engine of our own leaves in the kernel: a bridge, firewall rules, a setting or two.

They are looked at before the engine starts, and put back after it has stopped.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .commands import output, succeeds
from .errors import ClusterError

# What the engine switches on so that containers reach the network.
SETTINGS = (
    Path("/proc/sys/net/ipv4/ip_forward"),
    Path("/proc/sys/net/ipv6/conf/default/forwarding"),
    Path("/proc/sys/net/ipv6/conf/all/forwarding"),
)
# Where bridges of ours get their addresses: of the shared space (RFC 6598) that no home or office
# network uses, so that they are unlikely to hide one.
BRIDGE_SPACE = ipaddress.IPv4Network("100.117.0.0/16")


@dataclass(frozen=True)
class Before:
    """How the machine was before the engine started."""

    forward_policy: str
    settings: dict[str, str]
    had_docker_chains: bool

    @classmethod
    def look(cls) -> Before:
        rules = _rules("filter")
        policy = next((line.split()[2] for line in rules if line.startswith("-P FORWARD")), "ACCEPT")
        return cls(
            forward_policy=policy,
            settings={str(one): one.read_text().strip() for one in SETTINGS if one.exists()},
            had_docker_chains=any(line.startswith("-N DOCKER") for line in rules),
        )

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Before:
        return cls(**value)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def bridge_name(run: Path) -> str:
    """Names of links have 15 characters at most."""
    return f"vjobs-{run.name}"


def make_bridge(run: Path) -> str:
    """A bridge for the engine's containers, apart from docker0, with a free range of addresses."""
    name = bridge_name(run)
    if not succeeds([_tool("ip"), "link", "show", name]):
        network = free_network(_networks(_ip("-4", "-j", "route")))
        _ip("link", "add", name, "type", "bridge")
        _ip("address", "add", f"{network[1]}/{network.prefixlen}", "dev", name)
        _ip("link", "set", name, "up")
    return name


def free_network(taken: Iterable[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """The first /24 of our space that overlaps none of the networks that the machine has routes to."""
    present = list(taken)
    for network in BRIDGE_SPACE.subnets(new_prefix=24):
        if not any(network.overlaps(other) for other in present):
            return network
    raise ClusterError(f"no range of addresses in {BRIDGE_SPACE} is free for the engine's bridge")


def uplink_mtu() -> int:
    """Of the default route's link: larger packets of containers would be lost on the way."""
    routes = json.loads(_ip("-4", "-j", "route", "show", "default") or "[]")
    if not routes:
        return 1500
    return int(json.loads(_ip("-j", "link", "show", routes[0]["dev"]))[0]["mtu"])


def remove(run: Path, before: Before) -> None:
    """Take away the engine's bridges, rules and mounts, and set back what it set."""
    succeeds([_tool("ip"), "link", "delete", bridge_name(run)])
    if not before.had_docker_chains:
        for table in ("filter", "nat"):
            for command in undo_rules(_rules(table)):
                succeeds([_tool("iptables"), "-w", "5", "-t", table, *command])
    succeeds([_tool("iptables"), "-w", "5", "-P", "FORWARD", before.forward_policy])
    for setting, value in before.settings.items():
        Path(setting).write_text(value)
    shutil.rmtree(run, ignore_errors=True)
    with contextlib.suppress(OSError):  # another cache has its engine there
        run.parent.rmdir()


def undo_rules(rules: list[str]) -> list[list[str]]:
    """The commands that take an engine's rules and chains out of a table, given as iptables -S.

    Its rules are those in its chains, those that jump to them, and those for its own networks
    (bridges `br-ID` or ours); other rules stay.
    """
    chains = [line.split()[1] for line in rules if re.match(r"-N DOCKER(-|$)", line)]
    bridge = re.compile(r"\s-[io] (br-[0-9a-f]{12}|vjobs-[0-9a-f]{8})(\s|$)")
    jump = re.compile(r"\s-j DOCKER(-|\s|$)")
    masquerade = re.compile(r"^-A POSTROUTING -s \S+ ! -o (br-|vjobs-)")
    own = [
        line.split()
        for line in rules
        if line.startswith("-A ")
        and not line.startswith("-A DOCKER")
        and (bridge.search(line) or jump.search(line) or masquerade.search(line))
    ]
    deletions = [["-D", *rule[1:]] for rule in own]
    return [*deletions, *(["-F", chain] for chain in chains), *(["-X", chain] for chain in chains)]


def _rules(table: str) -> list[str]:
    return output([_tool("iptables"), "-w", "5", "-t", table, "-S"]).splitlines()


def _tool(name: str) -> str:
    """Programs of the system's administration, also where PATH is that of a plain user."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return shutil.which(name, path=search) or name


def _ip(*arguments: str) -> str:
    return output([_tool("ip"), *arguments])


def _networks(routes: str) -> list[ipaddress.IPv4Network]:
    destinations = [route["dst"] for route in json.loads(routes or "[]")]
    return [ipaddress.IPv4Network(one) for one in destinations if one != "default"]
