"""Fixtures of tests that start processes."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

Children = Callable[[], list[psutil.Process]]


@pytest.fixture
def children() -> Children:
    """The processes that have been started since the test began."""
    before = psutil.Process().children()
    return lambda: [each for each in psutil.Process().children() if each not in before]
