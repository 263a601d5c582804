"""The console command, where a client's installation alone is there."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; {code}; from videojobs_operator.command import main; main()"
    return subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", ["kopf", "kubernetes", "pydantic"])
def test_a_client_is_told_what_the_operator_takes(missing: str) -> None:
    done = run(f"sys.modules[{missing!r}] = None")
    assert done.returncode == 1
    assert missing in done.stderr
    assert done.stderr.endswith("Install it with pip install '.[operator]'\n")


def test_help_tells_the_settings() -> None:
    done = run("pass")
    assert (done.returncode, done.stderr) == (0, "")
    assert "REDIS_URL" in done.stdout
