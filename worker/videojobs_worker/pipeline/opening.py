"""Opens sources over a network where they lie, when little of them will be read: only that is fetched."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.media.source import MediaInfo, Source
from videojobs_worker.pipeline.reporter import Reporter
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.origin import shown
from videojobs_worker.storage.pieces import Pieces
from videojobs_worker.storage.serving import Serving

#: Formats with an index, so that a picture is found without reading what is before it.
INDEXED: Final = frozenset({"mov", "matroska"})


class OpenSources:
    """The sources of a job that are read by pieces, until the ``with`` block ends. Safe to use from any thread."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._opened: dict[str, Pieces] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def open(
        self, pieces: Pieces, uri: str, worthwhile: Callable[[MediaInfo], bool], stopper: Stopper
    ) -> Source | None:
        """The source, to be read by pieces, which are closed with the rest; None where it must be fetched whole.

        Args:
            pieces: the source.
            uri: names it to the reader.
            worthwhile: whether so little of it will be read that it need not be fetched whole.
            stopper: ends the probing.

        Raises:
            JobError: the source cannot be had.
        """
        with contextlib.ExitStack() as opening:
            opening.enter_context(contextlib.closing(pieces))
            serving = opening.enter_context(Serving(pieces))
            source = _probed(pieces, serving.url, uri, stopper)
            if source is None or not worthwhile(source.info):
                return None
            self._stack.push(opening.pop_all())
            self._opened[uri] = pieces
            return source

    def check(self, cause: JobError | None = None) -> None:
        """Ask whether all that was read could be had; ffmpeg knows only that the rest did not come.

        Raises:
            JobError: it could not, which explains any other failure.
        """
        for pieces in self._opened.values():
            if pieces.error and not isinstance(cause, StoppedError):
                raise pieces.error from cause

    def report(self, reporter: Reporter) -> None:
        """Tell how much was read of what was opened."""
        if not self._opened:
            return
        read = sum(pieces.fetched for pieces in self._opened.values())
        of = sum(pieces.size for pieces in self._opened.values())
        names = ", ".join(map(shown, self._opened))
        text = f"{read / 1e6:.1f} of {of / 1e6:.1f} MB of {names} read"
        reporter.tell(text, read={"bytes": read, "of": of})


def _probed(pieces: Pieces, url: str, uri: str, stopper: Stopper) -> Source | None:
    """None also for what is no media, and where its packets must be asked: it is probed again when it lies here."""
    try:
        info = probe(url, uri, stopper, served=True)
    except JobError as error:
        stopper.check()
        if pieces.error:
            raise pieces.error from error
        if error.retryable:
            raise
        return None
    if "length" in info.doubts or not INDEXED.intersection(info.formats):
        return None
    return Source(uri, pieces.path, info, served=url, identity=pieces.identity)
