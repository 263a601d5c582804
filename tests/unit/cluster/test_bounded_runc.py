"""Containers ask for no more than the machine holds."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_cluster import bounded_runc
from videojobs_cluster.bounded_runc import CAPABILITIES, bound, value_of

KILL = CAPABILITIES.index("KILL")
FORTY_ONE = 41


def test_the_table_is_the_kernels() -> None:
    assert len(CAPABILITIES) == FORTY_ONE
    assert CAPABILITIES[bounded_runc.CAP_SYS_RESOURCE] == "SYS_RESOURCE"
    assert (KILL, CAPABILITIES.index("SYS_ADMIN")) == (5, 21)  # linux/capability.h


@given(
    st.integers(0, 2**FORTY_ONE - 1),
    st.dictionaries(
        st.sampled_from(["bounding", "effective", "permitted", "ambient"]),
        st.lists(st.sampled_from([f"CAP_{name}" for name in CAPABILITIES])),
    ),
)
def test_keeps_exactly_what_is_held(mask: int, asked: dict[str, list[str]]) -> None:
    held = {f"CAP_{name}" for bit, name in enumerate(CAPABILITIES) if mask & 1 << bit}
    bounded = bound({"capabilities": asked, "args": ["true"]}, mask)
    assert bounded["args"] == ["true"]
    assert bounded["capabilities"] == {kind: [name for name in names if name in held] for kind, names in asked.items()}


@pytest.mark.parametrize(("asked", "kept"), [(-999, None), (-1, None), (0, 0), (500, 500)])
def test_asks_for_no_better_oom_score(asked: int, kept: int | None) -> None:
    assert bound({"oomScoreAdj": asked}, 0).get("oomScoreAdj") == kept


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["create", "--bundle", "/b", "id"], "/b"),
        (["create", "--bundle=/b", "id"], "/b"),
        (["create", "-b", "/b", "id"], "/b"),
        (["create", "id"], None),
    ],
)
def test_finds_the_bundle(arguments: list[str], value: str | None) -> None:
    assert value_of(arguments, "--bundle", "-b") == value


def test_the_installed_copy_bounds_the_bundle_and_becomes_runc(tmp_path: Path) -> None:
    wrapper = bounded_runc.install(tmp_path)
    runc = tmp_path / "runc"
    runc.write_text('#!/bin/sh\necho "runc $*"\n')
    runc.chmod(0o755)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    asked = {"capabilities": {"bounding": ["CAP_NOT_OF_THIS_KERNEL"]}, "oomScoreAdj": -5}
    (bundle / "config.json").write_text(json.dumps({"process": asked, "root": {"path": "r"}}))
    said = subprocess.run(
        [wrapper, "--log", "x", "create", "--bundle", bundle, "id"],
        env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"runc --log x create --bundle {bundle} id\n"
    assert json.loads((bundle / "config.json").read_text()) == {
        "process": {"capabilities": {"bounding": []}},
        "root": {"path": "r"},
    }
