"""The base image takes its packages from where this machine does."""

from __future__ import annotations

import pytest

from videojobs_cluster.base_image import (
    deb822,
    deb822_uris,
    debian_mirrors,
    kept_setting,
    one_line_uris,
    security_mirrors,
)

SOURCES = """\
# A comment: with a colon
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb deb-src
URIs: http://mirror.example/debian-security http://second.example/debian-security/
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://sources.example/debian

Enabled: no
Types: deb
URIs: http://off.example/debian
"""


def test_reads_deb822_sources() -> None:
    assert deb822_uris(SOURCES) == [
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
        "http://second.example/debian-security/",
    ]


@pytest.mark.parametrize(
    ("line", "uris"),
    [
        ("deb http://a.example/debian bookworm main", ["http://a.example/debian"]),
        ("deb [arch=amd64 signed-by=/k] http://a.example/debian x main", ["http://a.example/debian"]),
        ("deb-src http://a.example/debian bookworm main", []),
        ("# deb http://a.example/debian bookworm main", []),
    ],
)
def test_reads_one_line_sources(line: str, uris: list[str]) -> None:
    assert one_line_uris(line) == uris


def test_tells_debians_archives_from_others() -> None:
    uris = ["http://x.example/nodesource", *deb822_uris(SOURCES), "http://mirror.example/debian"]
    assert debian_mirrors(uris) == ["http://mirror.example/debian"]
    assert security_mirrors(uris) == uris[2:4]


def test_writes_what_it_can_read() -> None:
    written = deb822(["http://mirror.example/debian"], ["http://mirror.example/debian-security"])
    assert deb822_uris(written) == [
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
    ]


def test_without_sources_of_its_own_it_uses_the_public_ones() -> None:
    assert deb822_uris(deb822([], [])) == [
        "http://deb.debian.org/debian",
        "http://deb.debian.org/debian-security",
    ]


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        ('Acquire::Check-Valid-Until "false";', True),
        ('Acquire::http::Proxy "http://proxy.example:3128";', True),
        ('Acquire::http::Proxy "";', False),
        ('APT::Architecture "amd64";', False),
        ('Dir::Cache "var/cache/apt";', False),
    ],
)
def test_takes_over_only_how_packages_are_reached(setting: str, kept: bool) -> None:
    assert kept_setting(setting) is kept
