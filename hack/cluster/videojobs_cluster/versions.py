"""The versions that this checkout is tried with, and which others will do."""

from __future__ import annotations

import re

KUBERNETES = "v1.35.4"
KIND = "v0.33.0"
HELM = "v3.19.0"
KUBECONFORM = "v0.7.0"
VERSITYGW = "v1.8.0"
DOCKER_COMPOSE = "v2.40.3"
LOCAL_PATH_PROVISIONER = "v0.0.30"
GO_AT_LEAST = (1, 25)
GO_THAT_FETCHES = (1, 21)
GO_TOOLCHAIN = "go1.25.5+auto"  # what such a Go is told to fetch

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """The first dotted number of a text, as in `kind v0.33.0 go1.26`; None without one."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if found is None:
        return None
    return tuple(int(part) for part in found.groups() if part is not None)


def skew_fits(version: Version, other: Version = (1, 35)) -> bool:
    """Kubernetes supports clients and servers one minor version apart."""
    return version[0] == other[0] and abs(version[1] - other[1]) <= 1
