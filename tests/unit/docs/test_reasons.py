"""Every reason that the code can give is explained, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/reasons.md").read_text()
SOURCES = [
    path.read_text()
    for folder in ("worker/videojobs_worker", "operator/videojobs_operator/core", "protocol/videojobs_protocol")
    for path in (ROOT / folder).rglob("*.py")
]
RAISED = re.compile(r'(?:JobError|StoppedError|Failure|storage_error|super\(\).__init__)\([^")]*"([A-Z][A-Za-z]+)"')


def documented() -> set[str]:
    """Reasons in the first column of the first table."""
    table = PAGE.split("## ")[1]
    return set(re.findall(r"^\| `([A-Za-z]+)` \|", table, re.MULTILINE))


def raised() -> set[str]:
    """Reasons that stand in the code where a failure is made."""
    return {reason for source in SOURCES for reason in RAISED.findall(source)}


def test_every_failure_is_explained() -> None:
    assert len(raised()) > 15
    assert raised() - documented() == set()


def test_no_failure_is_explained_that_cannot_be() -> None:
    words = set(re.findall(r'"([A-Z][A-Za-z]+)"', "\n".join(SOURCES)))
    assert documented() - words == set()


def test_every_reason_to_wait_is_explained() -> None:
    waiting = {
        reason
        for source in SOURCES
        for reason in re.findall(r'(?:Waiting|reconciling|retry_at)\([^")]*"([A-Z][A-Za-z]+)"', source)
    }
    assert waiting
    assert {reason for reason in waiting if f"`{reason}`" not in PAGE} == set()
