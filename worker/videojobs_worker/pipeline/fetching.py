"""A job's sources: fetched side by side with probing, under names of ours, with disk space reserved."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.footprint import needs_of
from videojobs_worker.pipeline.ranged_reading import may_be_opened, reads_parts, share_read
from videojobs_worker.pipeline.remux import has_reserved_matrix, index_path, indexed, without_reserved_matrix
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.prober import AHEAD
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import Limits
from videojobs_worker.settings import Settings
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.origin import shown
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.web import Fetched

#: How often a long fetch reports its progress.
FETCH_INTERVAL_S = 1.0
#: So many sources at a time: an ffprobe for each takes some 50 MB, most of which are its libraries.
FETCHED_AT_ONCE: Final = 4


def places_of(settings: Settings) -> Places:
    """What jobs of a worker may read and write."""
    return Places(settings.roots, settings.reach, settings.max_source_bytes)


def fetch_sources(context: JobContext, uris: Sequence[str], drafts: Sequence[Path]) -> list[Source]:
    """Fetch and probe all sources, some at a time, and reserve space for what is made of them.

    A source over a network of which little is read is opened where it lies.

    Raises:
        JobError: a source cannot be read, is no media, or the disk is too small.
        StoppedError: it was stopped.
    """
    known = context.fetched
    new = [uri for uri in dict.fromkeys(uris) if uri not in known]
    packets = len(new) > AHEAD  # a render may copy, and then asks for them; those of few are quickly asked for
    with context.stopper.part() as part:  # what still comes is not wanted when one was refused
        fetching = replace(context, stopper=part)
        calls = [
            partial(_obtained, fetching, context.stopper, uri, number, packets)
            for number, uri in enumerate(new, len(known))
        ]
        known |= {source.uri: source for source in side_by_side(calls, part, FETCHED_AT_ONCE)}
    sources = [known[uri] for uri in uris]
    context.room(needs_of(context.job.work, sources, drafts, context.scratch))
    return sources


def _obtained(context: JobContext, whole_job: Stopper, uri: str, number: int, packets: bool) -> Source:
    source = _opened(context, whole_job, uri) or _probed(context, uri, _linked(context, uri, number), packets)
    if source.info.remark:
        context.reporter.note(f"{shown(uri)}: {source.info.remark}")
    if has_reserved_matrix(source.info) and not source.served:
        context.room([Need(index_path(source, context.scratch), source.info.bytes)])
        return without_reserved_matrix(source, context.scratch, context.stopper, Limits(context.stall_s))
    return _seekable(context, source) if reads_parts(context.job.work) else source


def _opened(context: JobContext, whole_job: Stopper, uri: str) -> Source | None:
    """The source where it lies; None where it lies here, or will be read whole."""
    work = context.job.work
    if not reads_parts(work) or not (pieces := places_of(context.settings).pieces(uri, context.scratch, whole_job)):
        return None
    if not may_be_opened(work, pieces.size):
        pieces.close()
        return None
    context.reporter.stage("Probing", f"reading the index of {shown(uri)}")
    source = context.open_sources.open(pieces, uri, lambda info: share_read(work, uri, info) < 1, context.stopper)
    if source:
        context.room([Need(source.path, int(share_read(work, uri, source.info) * source.info.bytes))])
    return source


def _linked(context: JobContext, uri: str, number: int) -> Fetched:
    """Fetch a source and link it under a fixed name: ffmpeg would read a user's as a pattern, or guess by it."""
    fetched = fetch_file(context, uri)
    path = context.scratch / f"input-{number:04d}"
    path.unlink(missing_ok=True)  # an earlier attempt's
    path.symlink_to(fetched.path)
    return Fetched(path, fetched.identity)


def _probed(context: JobContext, uri: str, fetched: Fetched, packets: bool) -> Source:
    info = probe(str(fetched.path), uri, context.stopper, packets=packets)
    return Source(uri, fetched.path, info, identity=fetched.identity)


def _seekable(context: JobContext, source: Source) -> Source:
    if not source.info.seekable:
        context.room([Need(index_path(source, context.scratch), source.info.bytes)])
    return indexed(source, context.scratch, context.stopper, Limits(context.stall_s))


def fetch_file(context: JobContext, uri: str) -> Fetched:
    """A local file with what a URI names, fetched if need be; how far that is gets reported.

    Raises:
        JobError: it cannot be read.
    """
    reported_s = time.monotonic()

    def report(have: int, total: int | None) -> None:
        nonlocal reported_s
        if time.monotonic() - reported_s >= FETCH_INTERVAL_S:
            reported_s = time.monotonic()
            share = f" of {total / 1e6:.0f}" if total else ""
            context.reporter.stage("Fetching", f"{have / 1e6:.0f}{share} MB of {shown(uri)}")

    return places_of(context.settings).source(uri, context.scratch, context.stopper, report, context.room)
