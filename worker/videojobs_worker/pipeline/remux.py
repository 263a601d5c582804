"""A source's streams as they are, in a container that can be sought to the frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from videojobs_worker.media.plan import common_arguments, input_arguments
from videojobs_worker.media.source import MediaInfo, Source
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper

#: Formats without an index: ffmpeg seeks in them by guess, and misses frames.
_UNINDEXED: Final = frozenset({"mpegts", "mpeg"})


def is_seekable(info: MediaInfo) -> bool:
    """Whether ffmpeg finds any time in a file without reading all of it."""
    return _UNINDEXED.isdisjoint(info.formats)


def indexed(source: Source, folder: Path, stopper: Stopper) -> Source:
    """The source, in an mp4 where its own format has no index; itself where mp4 cannot hold it."""
    if is_seekable(source.info):
        return source
    return remuxed(source, index_path(source, folder), stopper) or source


def index_path(source: Source, folder: Path) -> Path:
    """Where that mp4 is made."""
    return folder / f"indexed-{hashlib.sha256(source.uri.encode()).hexdigest()[:16]}.mp4"


def remuxed(
    source: Source, target: Path, stopper: Stopper, timescale: int | None = None, window: Sequence[str] = ()
) -> Source | None:
    """The first picture and sound in an mp4, None where it cannot hold them.

    Args:
        source: what is copied.
        target: the file that is made.
        stopper: ends it early.
        timescale: ticks a second; given, the copy keeps the source's clock.
        window: options that choose a stretch.

    Raises:
        StoppedError: it was stopped.
    """
    scale = ("-video_track_timescale", str(timescale), "-movie_timescale", str(timescale)) if timescale else ()
    command = (
        *common_arguments(1), *(("-copyts",) if timescale else ()), *input_arguments(source.path, 1, *window),
        *_maps(source.info), "-c", "copy", *scale, "-f", "mp4", f"file:{target}",
    )  # fmt: skip
    code, _ = run(command, stopper)
    if code:
        return None
    info = probe(str(target), source.uri, stopper, packets=timescale is not None)
    return Source(source.uri, target, info, identity=_identity(source, target, command))


def _maps(info: MediaInfo) -> tuple[str, ...]:
    streams = [stream for stream in (info.video, info.audio) if stream is not None]
    return tuple(word for stream in streams for word in ("-map", f"0:{stream.index}"))


def _identity(source: Source, target: Path, command: Sequence[str]) -> str:
    """Copying a stretch of the same source in the same way gives the same."""
    way = " ".join(command).replace(f"{target.parent}/", "")
    return source.identity and f"{source.identity} {hashlib.sha256(way.encode()).hexdigest()}"
