"""What the API has fields for and this worker's renders cannot do yet: refused, never left out silently. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from videojobs_protocol.work import Render
from videojobs_worker.errors import JobError


def check_supported(work: Render) -> None:
    """Refuse what would be left out.

    Raises:
        JobError: NotSupported, which names the fields.
    """
    if found := [*_fields(work)]:
        text = f"renders cannot do this yet: {', '.join(found)}; leave it out"
        raise JobError("NotSupported", text)


def _fields(work: Render) -> Iterator[str]:
    if work.output.audio.loudness_lufs is not None:
        yield "output.audio.loudness"
