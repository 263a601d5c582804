"""A job's sources: fetched side by side with probing, under names of ours, with disk space reserved."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from videojobs_protocol.work import Render
from videojobs_worker.errors import JobError
from videojobs_worker.media.render.subtitles import MAX_SUBTITLE_BYTES, SUBTITLES, has_cues, undecodable_line
from videojobs_worker.media.source import Source
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.footprint import needs_of
from videojobs_worker.pipeline.remux import index_path, indexed, is_seekable
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.prober import AHEAD
from videojobs_worker.settings import Settings
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.origin import shown
from videojobs_worker.storage.places import Places
from videojobs_worker.storage.web import Fetched

#: How often a long fetch reports its progress.
FETCH_INTERVAL_S = 1.0
#: The names of sources in the scratch folder.
INPUTS = "input-*"
_SUBTITLE_ENDINGS = (".srt", ".ass", ".vtt")


def places_of(settings: Settings) -> Places:
    """What jobs of a worker may read and write."""
    return Places(settings.roots, settings.reach, settings.max_source_bytes)


def fetch_sources(context: JobContext, uris: Sequence[str], drafts: Sequence[Path]) -> list[Source]:
    """Fetch and probe all sources, one probed while the next is fetched, and reserve space for what is made of them.

    Raises:
        JobError: a source cannot be read, is no media, or the disk is too small.
    """
    known = context.fetched
    new = [uri for uri in dict.fromkeys(uris) if uri not in known]
    packets = len(new) > AHEAD  # a render may copy, and then asks for them; those of few are quickly asked for
    probing: list[Future[Source]] = []
    with ThreadPoolExecutor(max_workers=context.threads) as beside:
        for number, uri in enumerate(new, len(known)):
            context.stopper.check()
            fetched = _linked(context, uri, number)
            probing.append(beside.submit(_probed, context, uri, fetched, packets=packets))
            for probed in probing:
                if probed.done():
                    probed.result()  # nothing more is fetched when one was refused
    known |= {source.uri: _seekable(context, source) for source in (probed.result() for probed in probing)}
    sources = [known[uri] for uri in uris]
    context.room(needs_of(context.job.work, sources, drafts, context.scratch))
    return sources


def fetch_subtitles(context: JobContext, work: Render) -> str:
    """Copy the subtitles under a fixed name: no text of a user's comes near a filter graph."""
    if not work.subtitles:
        return ""
    path = _fetched(context, work.subtitles.uri).path
    if path.suffix.lower() not in _SUBTITLE_ENDINGS:
        text = f"{shown(work.subtitles.uri)}: subtitles must end in {', '.join(_SUBTITLE_ENDINGS)}"
        raise JobError("SubtitlesInvalid", text)
    if (size := path.stat().st_size) > MAX_SUBTITLE_BYTES:
        text = f"{shown(work.subtitles.uri)} has {size} bytes, more than {MAX_SUBTITLE_BYTES}: that is no text"
        raise JobError("SubtitlesInvalid", text)
    _check_subtitles(shown(work.subtitles.uri), path.suffix.lower(), path.read_bytes())
    name = SUBTITLES + path.suffix.lower()
    shutil.copyfile(path, context.scratch / name)
    return name


def _linked(context: JobContext, uri: str, number: int) -> Fetched:
    """Fetch a source and link it under a fixed name: ffmpeg would read a user's as a pattern, or guess by it."""
    fetched = _fetched(context, uri)
    path = context.scratch / f"input-{number:04d}"
    path.unlink(missing_ok=True)  # an earlier attempt's
    path.symlink_to(fetched.path)
    return Fetched(path, fetched.identity)


def _probed(context: JobContext, uri: str, fetched: Fetched, *, packets: bool) -> Source:
    info = probe(str(fetched.path), uri, context.stopper, packets=packets)
    if info.remark:
        context.reporter.note(f"{shown(uri)}: {info.remark}")
    return Source(uri, fetched.path, info, identity=fetched.identity)


def _seekable(context: JobContext, source: Source) -> Source:
    if not is_seekable(source.info):
        context.room([Need(index_path(source, context.scratch), source.info.bytes)])
    return indexed(source, context.scratch, context.stopper)


def _fetched(context: JobContext, uri: str) -> Fetched:
    reported_s = time.monotonic()

    def report(have: int, total: int | None) -> None:
        nonlocal reported_s
        if time.monotonic() - reported_s >= FETCH_INTERVAL_S:
            reported_s = time.monotonic()
            share = f" of {total / 1e6:.0f}" if total else ""
            context.reporter.stage("Fetching", f"{have / 1e6:.0f}{share} MB of {shown(uri)}")

    return places_of(context.settings).source(uri, context.scratch, context.stopper, report, context.room)


def _check_subtitles(uri: str, ending: str, content: bytes) -> None:
    if not has_cues(ending, content):
        raise JobError("SubtitlesInvalid", f"{uri} has no cue (a line with -->)")
    if line := undecodable_line(content):
        raise JobError("SubtitlesInvalid", f"{uri}: line {line} is not UTF-8: save the file in that encoding")
