"""Whoever runs a make target sees what it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = re.findall(r"^([a-z0-9-]+):[^\n]*\n((?:\t[^\n]*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("target", "recipe"), RULES, ids=[target for target, _ in RULES])
def test_a_target_says_what_it_does(target: str, recipe: str) -> None:
    assert target == "help" or "$(call say," in recipe.splitlines()[0]
