"""What every child process is given, and when it may begin."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from videojobs_worker.process.child import answer, bound_to, start
from videojobs_worker.process.runner import capture


@pytest.mark.parametrize(("parent", "begins"), [(os.getpid, True), (os.getppid, False)])
def test_it_begins_only_for_the_parent_that_started_it(tmp_path: Path, parent: Callable[[], int], begins: bool) -> None:
    """One whose parent was killed meanwhile is another's child by then, and would wait or work for nobody."""
    done = subprocess.run(bound_to(parent(), ["touch", str(tmp_path / "begun")]), check=False)
    assert (done.returncode == 0, (tmp_path / "begun").exists()) == (begins, begins)


@pytest.mark.parametrize("text", ["$(touch made)", "; touch made", "`touch made`", "-c", "a b", "", "*"])
def test_no_shell_reads_its_arguments(tmp_path: Path, text: str) -> None:
    process = start(["printf", "%s|", text, "end"], folder=tmp_path)
    assert answer(process, "printf", 10)[:2] == (0, f"{text}|end|")
    assert list(tmp_path.iterdir()) == []


def test_credentials_stay_with_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "REDIS_URL", "CELERY_BROKER_URL"):
        monkeypatch.setenv(name, "secret")
    _, told, _ = capture(["env"], 10)
    assert "PATH=" in told
    assert "secret" not in told
