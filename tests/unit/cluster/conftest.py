"""hack/cluster is no package of the project: it runs before any is installed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "hack" / "cluster"))
