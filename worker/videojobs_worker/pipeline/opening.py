"""Opens a source over a network where it lies, when little of it will be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.storage.origin import shown
from videojobs_worker.storage.pieces import Pieces
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.serving import Serving

#: Formats with an index, so that a picture is found without reading what is before it.
INDEXED: Final = frozenset({"mov", "matroska"})


@contextlib.contextmanager
def opened_in_place(context: JobContext, places: Places, uri: str) -> Iterator[Source | None]:
    """The source, to be read by pieces; None where it must be fetched whole.

    Raises:
        JobError: the source cannot be had.
    """
    pieces = places.pieces(uri, context.scratch, context.stopper)
    if pieces is None:
        yield None
        return
    with contextlib.closing(pieces), Serving(pieces) as serving:
        try:
            yield _probed(context, pieces, serving.url, uri)
        except StoppedError:
            raise
        except JobError as error:  # ffmpeg knows only that the rest did not come
            raise pieces.error or error from None
        if pieces.error:
            raise pieces.error
        told = f"{pieces.fetched / 1e6:.1f} of {pieces.size / 1e6:.1f} MB of {shown(uri)} read"
        context.reporter.tell(told, read={"bytes": pieces.fetched, "of": pieces.size})


def _probed(context: JobContext, pieces: Pieces, url: str, uri: str) -> Source | None:
    """None also for what is no media, and where its packets must be asked: it is probed again when it lies here."""
    context.reporter.stage("Probing", f"reading the index of {shown(uri)}")
    try:
        info = probe(url, uri, context.stopper, served=True)
    except JobError:
        context.stopper.check()
        if pieces.error:
            raise
        return None
    if "length" in info.doubts or not INDEXED.intersection(info.formats):
        return None
    return Source(uri, pieces.path, info, served=url)
