"""The pictures of docs/explanation/architecture.md show what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WORKER = ROOT / "worker/videojobs_worker"
PAGE = (ROOT / "docs/explanation/architecture.md").read_text()
WAY = PAGE.partition("## The way of a job through a worker")[2].partition("\n## ")[0]
NAMED = sorted(set(re.findall(r"[a-z]+/(?:[a-z_]+/|[a-z_]+\.py)", WAY)))


def test_the_way_of_a_job_names_every_folder_of_the_worker() -> None:
    folders = {path.parent.name for path in WORKER.glob("*/__init__.py")}
    assert {name.partition("/")[0] for name in NAMED} == folders


@pytest.mark.parametrize("name", NAMED)
def test_what_the_way_of_a_job_names_exists(name: str) -> None:
    assert (WORKER / name).exists()


@pytest.mark.parametrize("line", [line for line in WAY.splitlines() if line.count(".py") > 1 and "▶" in line])
def test_an_arrow_is_an_import(line: str) -> None:
    first, *others = re.findall(r"([a-z]+/[a-z_]+)\.py", line)
    text = (WORKER / f"{first}.py").read_text()
    assert any(f"videojobs_worker.{other.replace('/', '.')} import" in text for other in others)
