"""A render's subtitles: fetched, read whatever their charset is, and known to have something to show."""

from __future__ import annotations

from videojobs_protocol.work import Render
from videojobs_worker.errors import JobError
from videojobs_worker.media.render.subtitles import (
    MAX_SUBTITLE_BYTES,
    NO_SUBTITLES,
    SubtitleFile,
    check_ending,
    read_subtitles,
)
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.pipeline.fetching import fetch_file
from videojobs_worker.storage.origin import shown


def fetch_subtitles(context: JobContext, work: Render) -> SubtitleFile:
    """The subtitles that a render asks for; a note says how they were read where that was guessed.

    Raises:
        JobError: SubtitlesInvalid, or they cannot be fetched.
    """
    if not work.subtitles:
        return NO_SUBTITLES
    uri = shown(work.subtitles.uri)
    path = fetch_file(context, work.subtitles.uri).path
    check_ending(uri, path.suffix.lower())
    if (size := path.stat().st_size) > MAX_SUBTITLE_BYTES:
        text = f"{uri} has {size} bytes, more than {MAX_SUBTITLE_BYTES}: that is no text"
        raise JobError("SubtitlesInvalid", text)
    burn = work.subtitles.mode == "Burn"
    subtitles, note = read_subtitles(uri, path.suffix.lower(), path.read_bytes(), burn=burn)
    if note:
        context.reporter.note(note)
    return subtitles
