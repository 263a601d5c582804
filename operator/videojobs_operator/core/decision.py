"""What a decision about a VideoJob is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from videojobs_operator.core.effects import Effect

#: How soon to look again while a worker stops, Redis is away, or at an end: nobody tells of one's own writes.
SOON_S: Final = 0.5
AWAY_S: Final = 2.0


@dataclass(frozen=True)
class Decision:
    """What to do, in this order: ``before``, write ``status`` if it differs, ``after``.

    ``urgent`` says that more than progress differs: it is written at once, under the resource's version.
    ``look_in_queue`` asks to be called again with ``TaskView.queued`` known.
    """

    status: dict[str, Any]
    before: tuple[Effect, ...] = ()
    after: tuple[Effect, ...] = ()
    requeue_after_s: float | None = None
    urgent: bool = False
    look_in_queue: bool = False
