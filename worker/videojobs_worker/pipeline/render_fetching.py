"""What a render reads besides its subtitles: scenes, overlays and music, fetched and probed side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videojobs_protocol.work import Render, sources_of
from videojobs_worker.media.colour import keeps_hdr
from videojobs_worker.media.orientation import oriented
from videojobs_worker.media.render.composition import RenderSources
from videojobs_worker.media.source import Source
from videojobs_worker.media.still_image import is_image
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.fetching import fetch_sources
from videojobs_worker.probe.hdr_side_data import with_hdr_metadata
from videojobs_worker.probe.orientation import read_orientation


def fetch_render(context: JobContext, work: Render, drafts: Sequence[Path]) -> RenderSources:
    """Fetch and probe all sources of a render; photographs are known to lie on a side.

    Raises:
        JobError: as :func:`fetch_sources`.
    """
    uris = sources_of(work)
    found = {source.uri: source for source in fetch_sources(context, uris, drafts)}
    known = {uri: _upright(source) for uri, source in found.items()}
    if keeps_hdr(work.output.video.pixel_format):
        known = {uri: with_hdr_metadata(source, context.stopper) for uri, source in known.items()}
    fetched = [known[uri] for uri in uris]
    scenes, over = len(work.scenes), len(work.scenes) + len(work.overlays)
    return RenderSources(fetched[:scenes], fetched[scenes:over], fetched[over] if work.music else None)


def _upright(source: Source) -> Source:
    """A photograph with the way that it must be turned."""
    if source.info.video is None or not is_image(source.info):
        return source
    video = oriented(source.info.video, read_orientation(source.path))
    return replace(source, info=replace(source.info, video=video))
