"""Is an output what was asked for? Asked of the file itself, before anybody can see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from videojobs_worker.errors import JobError, StoppedError, UnexpectedLengthError
from videojobs_worker.media.plan import Expectation
from videojobs_worker.media.source import MediaInfo, VideoStream
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.file_extent import claimed_bytes
from videojobs_worker.process.child import TIMED_OUT
from videojobs_worker.process.demuxers import OPEN_MEDIA, TRUST_HEADER
from videojobs_worker.process.runner import capture
from videojobs_worker.process.stopper import Stopper

DECODE_TIMEOUT_S = 60.0


def tolerance_s(duration_s: float) -> float:
    """How much an output's duration may differ: a GOP's rounding, priming samples, a VFR's last frame."""
    return max(0.25, min(2.0, 0.01 * duration_s))


def problems(expected: Expectation, made: MediaInfo) -> list[str]:
    """What is wrong with a file, in words; empty if nothing is."""
    found = _picture_problems(expected, made.video)
    if expected.audio is not None and (made.audio is not None) != expected.audio:
        found.append("it has no sound" if expected.audio else "it has sound")
    if expected.audio_codecs is not None:
        codecs, wanted = _named_alike(stream.codec for stream in made.sounds), _named_alike(expected.audio_codecs)
        if codecs != wanted:
            found.append(f"its streams of sound are {', '.join(codecs) or 'none'}, not {', '.join(wanted) or 'none'}")
    if expected.subtitles not in (None, len(made.subtitles)):
        found.append(f"it has {len(made.subtitles)} streams of subtitles, not {expected.subtitles}")
    if (short := not_as_long(expected, made)) is not None:
        found.append(f"it is {played_s(made):.3f} s long, not {short:.3f} s")
    return found


def _named_alike(codecs: Iterable[str]) -> list[str]:
    """An mp4 has one name for MPEG's audio of layers 2 and 3."""
    return ["mp3" if codec == "mp2" else codec for codec in codecs]


def _picture_problems(expected: Expectation, video: VideoStream | None) -> list[str]:
    if video is None or not expected.picture:
        return ["it has a picture" if video else "it has no picture"] if (video is None) == expected.picture else []
    found = []
    if expected.video_codecs and video.codec not in expected.video_codecs:
        found.append(f"its codec is {video.codec}, not {expected.video_codecs[0]}")
    if expected.width and (video.width, video.height) != (expected.width, expected.height):
        found.append(f"its size is {video.width}x{video.height}, not {expected.width}x{expected.height}")
    if expected.frames and video.times.packets not in (None, expected.frames):
        found.append(f"it has {video.times.packets} frames, not {expected.frames}")
    return found


def played_s(made: MediaInfo) -> float:
    """From the first picture or sound to the end of the last: subtitles may go on, and make the file longer."""
    times = [stream.times for stream in (made.video, made.audio) if stream]
    ends = [each.end_pts_s for each in times if each.end_pts_s is not None]
    return max(ends) - min(each.first_pts_s for each in times) if ends else made.duration_s or 0.0


def not_as_long(expected: Expectation, made: MediaInfo) -> float | None:
    """The expected duration in seconds if the file's differs, else ``None``. An uneven one's is a least."""
    if expected.duration_s is None:
        return None
    missing = expected.duration_s - played_s(made)
    difference = missing if expected.uneven else abs(missing)
    return expected.duration_s if difference > tolerance_s(expected.duration_s) else None


def verify(expectations: Sequence[Expectation], uris: Sequence[str], stopper: Stopper) -> list[MediaInfo]:
    """Probe every output and decode its end.

    Raises:
        JobError: SourceTruncated where an output is shorter than its source claims to be, else OutputInvalid;
            OutOfMemory where what asks was killed, which says nothing about the output.
        StoppedError: it was stopped.
    """
    return [_verify_one(expected, uri, stopper) for expected, uri in zip(expectations, uris, strict=True)]


def _verify_one(expected: Expectation, uri: str, stopper: Stopper) -> MediaInfo:
    if not expected.path.exists() or expected.path.stat().st_size == 0:
        raise JobError("OutputInvalid", f"{uri}: ffmpeg ended well but made nothing")
    if expected.known:
        return _judged(expected, expected.known, uri)
    if expected.text:
        return MediaInfo((), None, expected.path.stat().st_size, None, None)
    size, claimed = expected.path.stat().st_size, claimed_bytes(expected.path)
    if claimed is not None and claimed > size:
        raise JobError("OutputInvalid", f"{uri}: it is cut off, only {size} of {claimed} bytes are there")
    with ThreadPoolExecutor(max_workers=1) as beside:
        end = beside.submit(_decode_end, expected, uri, stopper)
        made = _probe(expected, uri, stopper)
        end.result()
    return made


def _probe(expected: Expectation, uri: str, stopper: Stopper) -> MediaInfo:
    """By its header; by its packets, where that says another length than expected: mp4's counts decoding times."""
    try:
        made = probe(str(expected.path), uri, stopper)
        if not_as_long(expected, made):
            made = probe(str(expected.path), uri, stopper, measured=True)
    except JobError as error:
        if error.retryable or isinstance(error, StoppedError):
            raise
        raise JobError("OutputInvalid", f"{uri}: {error.message}", log_tail=error.log_tail) from error
    return _judged(expected, made, uri)


def _judged(expected: Expectation, made: MediaInfo, uri: str) -> MediaInfo:
    if found := problems(expected, made):
        lost = not_as_long(expected, made)
        if lost and played_s(made) < lost:
            text = f"{uri}: the source should give {lost:.3f} s but only {played_s(made):.3f} s of it can be read"
            raise UnexpectedLengthError("SourceTruncated", text)
        error = UnexpectedLengthError if lost else JobError
        raise error("OutputInvalid", f"{uri}: {'; '.join(found)}")
    return made


def _decode_end(expected: Expectation, uri: str, stopper: Stopper) -> None:
    """Pictures have no end. How well a frame is smoothed says nothing about whether it is there."""
    if not expected.duration_s:
        return
    opened = (*TRUST_HEADER, *OPEN_MEDIA) if expected.picture else OPEN_MEDIA
    command = [
        "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-skip_loop_filter", "all", "-sseof", "-1",
        *opened, "-i", f"file:{expected.path}", "-map", "0:v:0" if expected.picture else "0:a:0", "-f", "null", "-",
    ]  # fmt: skip
    code, _, tail = capture(command, DECODE_TIMEOUT_S, stopper)
    if code == TIMED_OUT:
        text = f"{uri}: its end was not decoded within {DECODE_TIMEOUT_S:.0f} s: the storage or the worker is too slow"
        raise JobError("StorageUnavailable", text, retryable=True)
    if code and expected.copied:
        text = f"{uri}: the source's end, which was copied, cannot be decoded: write the source anew"
        raise JobError("SourceCorrupt", text, log_tail=tail)
    if code:
        raise JobError("OutputInvalid", f"{uri}: its end cannot be decoded", log_tail=tail)
