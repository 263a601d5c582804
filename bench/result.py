"""The last line that a benchmark prints."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Result:
    """A figure and what it should be."""

    name: str
    value: float
    unit: str
    goal: float
    better: Literal["higher", "lower"]

    def show(self) -> None:
        """Print it."""
        print(json.dumps({**asdict(self), "value": round(self.value, 4)}), flush=True)
