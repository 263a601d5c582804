"""The base image takes its packages from where this machine does."""

from __future__ import annotations

from pathlib import Path

import pytest

from videojobs_cluster.base_image import (
    deb822,
    deb822_uris,
    debian_mirrors,
    kept_setting,
    one_line_uris,
    release_of,
    script,
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
    written = deb822("trixie", ["http://mirror.example/debian"], ["http://mirror.example/debian-security"])
    assert deb822_uris(written) == [
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
    ]
    assert [line for line in written.splitlines() if line.startswith("Suites:")] == [
        "Suites: trixie trixie-updates",
        "Suites: trixie-security",
    ]


def test_without_sources_of_its_own_it_uses_the_public_ones() -> None:
    assert deb822_uris(deb822("trixie", [], [])) == [
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


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("debian:trixie-slim", "trixie"),
        ("debian:bookworm-slim", "bookworm"),
        ("debian:trixie", None),
        ("debian:13-slim", None),
        ("mirror.example/debian:trixie-slim", None),
        ("debian:trixie-slim@sha256:0123", None),
    ],
)
def test_an_image_that_can_be_made_names_its_release(image: str, release: str | None) -> None:
    assert release_of(image) == release


def test_a_release_that_debootstrap_does_not_know_yet_is_made_as_the_newest(tmp_path: Path) -> None:
    for name in ("sid", "bookworm"):
        (tmp_path / name).touch()
    assert script("bookworm", tmp_path) == []
    assert script("trixie", tmp_path) == [str(tmp_path / "sid")]
