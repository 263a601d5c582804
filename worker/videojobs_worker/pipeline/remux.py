"""A source's streams as they are, in a container that can be sought to the frame, and that ffmpeg takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from videojobs_worker.media.containers import holds
from videojobs_worker.media.plan import common_arguments, input_arguments
from videojobs_worker.media.source import AudioStream, MediaInfo, Source
from videojobs_worker.media.streams import default_audio
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.runner import run
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.process.watchdog import Limits

#: Some packets of MPEG-2 say only when they are decoded: that is not when they are presented.
_PRESENTED: Final = ("-fflags", "+genpts")


#: What changes the header of a codec's stream, and what says in it that nothing is known of the matrix (ITU-T H.273).
_UNKNOWN_MATRIX: Final = {
    "h264": "h264_metadata=matrix_coefficients=2",
    "hevc": "hevc_metadata=matrix_coefficients=2",
}


def has_reserved_matrix(info: MediaInfo) -> bool:
    """Whether a picture says that its matrix is the reserved one: the filters of ffmpeg 7 take no such frame."""
    return info.video is not None and info.video.matrix == "reserved" and info.video.codec in _UNKNOWN_MATRIX


def without_reserved_matrix(source: Source, folder: Path, stopper: Stopper, limits: Limits) -> Source:
    """The source with a header that says nothing of its matrix; itself where mp4 cannot hold it."""
    assert source.info.video is not None, "it has a picture, of which that was asked"  # noqa: S101
    changes = ("-bsf:v", _UNKNOWN_MATRIX[source.info.video.codec])
    return remuxed(source, index_path(source, folder), stopper, limits, changes=changes) or source


def indexed(source: Source, folder: Path, stopper: Stopper, limits: Limits) -> Source:
    """The source, in an mp4 where its own format has no index; itself where mp4 cannot hold it."""
    if source.info.seekable:
        return source
    return remuxed(source, index_path(source, folder), stopper, limits) or source


def index_path(source: Source, folder: Path) -> Path:
    """Where that mp4 is made."""
    return folder / f"indexed-{hashlib.sha256(source.uri.encode()).hexdigest()[:16]}.mp4"


def remuxed(
    source: Source,
    target: Path,
    stopper: Stopper,
    limits: Limits,
    timescale: int | None = None,
    window: Sequence[str] = (),
    changes: Sequence[str] = (),
) -> Source | None:
    """Picture and sound in an mp4, None where it cannot hold them; all streams of sound, where it is no stretch.

    Args:
        source: what is copied.
        target: the file that is made.
        stopper: ends it early.
        limits: when a watchdog ends it.
        timescale: ticks a second; given, the copy keeps the source's clock.
        window: options that choose a stretch.
        changes: options that change headers of streams.

    Raises:
        StoppedError: it was stopped.
    """
    scale = ("-video_track_timescale", str(timescale), "-movie_timescale", str(timescale)) if timescale else ()
    sounds = _sounds(source.info, whole=not window)
    command = (
        *common_arguments(1), *(("-copyts",) if timescale else ()),
        *input_arguments(source.opened, 1, *_PRESENTED, *window),
        *_maps(source.info, sounds), *_codecs(sounds), *changes, *scale, "-f", "mp4", f"file:{target}",
    )  # fmt: skip
    code, _ = run(command, stopper, limits=limits)
    if code:
        return None
    probed = probe(str(target), source.uri, stopper, packets=timescale is not None)
    info = _still_variable(source.info, _numbered(probed, sounds))
    return Source(source.uri, target, info, identity=_identity(source, target, command))


def _still_variable(source: MediaInfo, copy: MediaInfo) -> MediaInfo:
    """The header of mp4 has one size; in the packets that were copied there may be others as before."""
    if source.video is None or copy.video is None:
        return copy
    return replace(copy, video=replace(copy.video, variable_size=source.video.variable_size))


def _sounds(info: MediaInfo, *, whole: bool) -> list[AudioStream]:
    """Those that mp4 holds, and those that it holds as FLAC, which loses nothing; of a stretch only what it is for."""
    if not whole:
        return [info.audio] if info.audio else []
    return [stream for stream in info.sounds if stream.decodable]


def _maps(info: MediaInfo, sounds: Sequence[AudioStream]) -> tuple[str, ...]:
    indexes = [*([info.video.index] if info.video else ()), *(stream.index for stream in sounds)]
    return tuple(word for index in indexes for word in ("-map", f"0:{index}"))


def _codecs(sounds: Sequence[AudioStream]) -> tuple[str, ...]:
    other = [number for number, stream in enumerate(sounds) if not holds("mp4", "audio", stream.codec)]
    return ("-c", "copy", *(word for number in other for word in (f"-c:a:{number}", "flac")), "-strict", "experimental")


def _numbered(info: MediaInfo, sounds: Sequence[AudioStream]) -> MediaInfo:
    """With the numbers that its sounds have in the source: some were left out."""
    found = tuple(replace(copy, number=stream.number) for copy, stream in zip(info.sounds, sounds, strict=False))
    return replace(info, sounds=found, audio=default_audio(found, info.formats))


def _identity(source: Source, target: Path, command: Sequence[str]) -> str:
    """Copying a stretch of the same source in the same way gives the same."""
    way = " ".join(command).replace(f"{target.parent}/", "")
    return source.identity and f"{source.identity} {hashlib.sha256(way.encode()).hexdigest()}"
