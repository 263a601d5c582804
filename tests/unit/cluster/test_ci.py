""".ci/run ends as the tests do, and takes away only the cluster that it brought up itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("outcome", [0, 2], ids=["passed", "failed"])
@pytest.mark.parametrize(("up_before", "made"), [(True, ["test"]), (False, ["test", "down"])], ids=["up", "down"])
def test_a_cluster_that_was_up_before_stays(up_before: bool, made: list[str], outcome: int, tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    program(tmp_path / "hack" / "cluster" / "cluster", f'test "$1" = env && exit {0 if up_before else 1}')
    program(tmp_path / "bin" / "make", f'echo "$1" >> made; test "$1" = down || exit {outcome}')
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run([tmp_path / ".ci" / "run"], env=environment, check=False, cwd=tmp_path)
    assert done.returncode == outcome
    assert (tmp_path / "made").read_text().split() == made
