"""When the next attempt may start: exponential backoff with full jitter.

The formula is the one of AWS's "Exponential Backoff And Jitter": ``uniform(0, min(cap, base * 2**n))``. The draw is
seeded by the job and the attempt, so that a restarted operator decides the same.
"""

from __future__ import annotations

import random
from typing import Final

BASE_S: Final = 5.0
CAP_S: Final = 300.0


def backoff_s(uid: str, attempt: int, failed: int) -> float:
    """Seconds to wait after the ``failed``-th failure (from 1)."""
    window = min(CAP_S, BASE_S * 2 ** max(0, failed - 1))
    return random.Random(f"{uid}/{attempt}").uniform(0.0, window)  # noqa: S311 - jitter, no secret
