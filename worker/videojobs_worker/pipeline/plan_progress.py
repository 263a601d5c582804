"""How far a plan's steps are, and when they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from videojobs_worker.media.plan import Step
from videojobs_worker.process.ffmpeg_progress import FfmpegProgress


class PlanProgress:
    """Progress by what the steps cost, and their end by the time that was needed. Safe to use from any thread."""

    def __init__(self, steps: Sequence[Step], clock: Callable[[], float] = time.monotonic) -> None:
        self._steps, self._clock, self._begun = steps, clock, clock()
        self._lock = threading.Lock()
        self._weights = [_length(step) / step.pace for step in steps]
        self._done = [0.0] * len(steps)

    def reach(self, number: int, position: float) -> float:
        """A step is at a position, media seconds or frames; returns what is done of all, 0 to 1."""
        with self._lock:
            self._done[number] = max(self._done[number], min(1.0, position / _length(self._steps[number])))
        return self.share

    def end(self, number: int) -> None:
        """A step has ended."""
        self.reach(number, _length(self._steps[number]))

    @property
    def share(self) -> float:
        """What is done of all, 0 to 1."""
        with self._lock:
            done = sum(weight * part for weight, part in zip(self._weights, self._done, strict=True))
        return done / sum(self._weights)

    def left_s(self, share: float) -> float | None:
        """Seconds until the end, None where nobody can tell."""
        return (self._clock() - self._begun) * (1.0 - share) / share if share > 0 else None

    def position(self, number: int, block: FfmpegProgress) -> float | None:
        """Where in a step ffmpeg is."""
        return block.out_time_s if self._steps[number].duration_s else block.frame


def _length(step: Step) -> float:
    return step.duration_s or float(step.frames or 1)
