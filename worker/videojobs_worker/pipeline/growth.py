"""Whether a source that seems cut off is only not written yet."""

from __future__ import annotations

from typing import Final

from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.fetching import INPUTS

#: Whoever writes a file writes more of it within so many seconds.
_WAIT_S: Final = 1.5


def growing_source(context: JobContext) -> str:
    """How the first source grows that does, in words; empty where none does. It takes _WAIT_S.

    Raises:
        StoppedError: it was stopped.
    """
    before = _sizes(context)
    context.stopper.wait(_WAIT_S)
    after = _sizes(context)
    grown = [(size, after[name]) for name, size in before.items() if after.get(name, size) != size]
    return f"from {grown[0][0]} to {grown[0][1]} bytes within {_WAIT_S:g} s" if grown else ""


def _sizes(context: JobContext) -> dict[str, int]:
    """Of the sources where they lie, by their names in the scratch folder."""
    sizes = {}
    for path in context.scratch.glob(INPUTS):
        try:
            sizes[path.name] = path.stat().st_size
        except FileNotFoundError:
            continue
    return sizes
