"""Which programs on PATH will do."""

from __future__ import annotations

import pytest

from videojobs_cluster import tools, versions


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("kind v0.33.0 go1.26.8 linux/amd64", (0, 33, 0)),
        ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", (1, 32, 4)),
        ("v3.19.0+g3d8990f", (3, 19, 0)),
        ("go version go1.26 linux/amd64", (1, 26)),
        ("no number at all", None),
    ],
)
def test_reads_what_programs_say(said: str, version: tuple[int, ...] | None) -> None:
    assert versions.parse(said) == version


@pytest.mark.parametrize(
    ("name", "version", "fits"),
    [
        ("kind", (0, 33, 0), True),
        ("kind", (0, 20, 0), False),
        ("helm", (3, 14, 1), True),
        ("helm", (3, 9, 0), False),
        ("helm", (4, 0, 0), False),
        ("kubeconform", (0, 6, 7), True),
        ("kubernetes", (1, 35, 4), False),
    ],
)
def test_which_versions_of_a_tool_will_do(name: str, version: tuple[int, ...], fits: bool) -> None:
    assert tools.BUILT[name].fits(version) is fits


@pytest.mark.parametrize(("minor", "fits"), [(33, False), (34, True), (35, True), (36, True), (37, False)])
def test_kubectl_may_be_one_minor_version_away(minor: int, fits: bool) -> None:
    assert versions.skew_fits((1, minor, 0)) is fits
