"""Asks ffprobe what a file is, and refuses what is no media, or none that can be worked with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from videojobs_worker.errors import JobError
from videojobs_worker.media.source import MediaInfo, VideoStream
from videojobs_worker.probe.ffprobe_report import parse
from videojobs_worker.probe.ffprobe_values import seconds_of
from videojobs_worker.probe.file_extent import claimed_bytes, encryption_of, movie_duration_s
from videojobs_worker.probe.measurement import Measurement, measure
from videojobs_worker.probe.prober import PROBER
from videojobs_worker.process.installed_ffmpeg import installed
from videojobs_worker.process.stopper import Stopper

#: Pixels of the largest picture: those of 16K. One of them is 200 MB to a decoder, and ffmpeg holds several.
MAX_PIXELS = 2**27
#: A header that is wrong by less is not worth a word.
_REMARKABLE_S: Final = 0.25
#: Edits and gaps make a movie as much longer than its streams, and no more.
_OVERSTATED: Final = 2.0
#: No codec has longer packets: FLAC's have up to 65535 samples, at 8 kHz or more (RFC 9639, 9.1.1).
_LONGEST_SOUND_S: Final = 10.0
#: Sample entries of protected streams (ISO/IEC 14496-12, 8.12; QuickTime's of Apple's store).
_ENCRYPTED_TAGS: Final = frozenset({"encv", "enca", "drms", "drmi"})
#: In ffmpeg 5 to 7.0; later ones do not even take a playlist for one where its name does not end as one's.
_REFUSED = re.compile(r"\[(\S+) @ \w+\] Format not on whitelist|Not detecting (\S+) with non standard extension")


def probe(
    path: str,
    uri: str,
    stopper: Stopper | None = None,
    *,
    served: bool = False,
    packets: bool = False,
    measured: bool = False,
) -> MediaInfo:
    """Ask ffprobe, and of a file whose header cannot be believed its packets, too.

    Args:
        path: the file; of one that is ``served`` its address.
        uri: names it to the reader.
        stopper: ends it early.
        served: whether the worker serves it itself. Then not all of it is read, and doubts may remain.
        packets: whether those of a small file will be needed too.
        measured: whether to ask the packets in any case.

    Raises:
        JobError: SourceNotMedia, SourceTooLarge, SourceEncrypted, SourceEmpty, or SourceTruncated where the index at
            the end is missing; StoppedError, it was stopped.
    """
    stopper = stopper or Stopper()
    code, output, tail = PROBER.ask_served(path, stopper) if served else PROBER.ask(path, stopper, packets=packets)
    if code:
        raise _unreadable(path, uri, tail)
    data = json.loads(output)
    _check_encrypted(path, data, uri)
    info = _measured(path, uri, data, stopper, served=served, always=measured)
    _check_content(info, uri)
    if info.video:
        _check_size(info.video, uri, tail)
    return info


def _measured(path: str, uri: str, data: dict[str, Any], stopper: Stopper, *, served: bool, always: bool) -> MediaInfo:
    """By its packets, where the header is doubted or not all of the file is there."""
    decoders = installed().decoded_codecs
    info = parse(data, decoders=decoders)
    missing = "" if served else _missing(Path(path))
    if not (info.doubts or missing or always):
        return info if served else replace(info, remark=_overstated(Path(path), info))
    ends_s = info.start_s + info.duration_s if info.duration_s and not missing else None
    found = measure(path, info.formats, ends_s, info.bytes, stopper, served=served)
    if found is None:
        return replace(info, missing=missing)
    _check_clock(found, data, uri)
    claims = [info.duration_s, seconds_of(data.get("format", {}).get("duration"))]
    claims += [] if served else [movie_duration_s(Path(path))]
    remark = _remark(claims, found.ends_s, info.start_s)
    return replace(parse(data, found, decoders), missing=missing, remark=remark)


def _overstated(path: Path, info: MediaInfo) -> str:
    """What the header of an mp4 says of a length that ffmpeg 7 and later know to be another, in words."""
    claim_s, lasts_s = movie_duration_s(path), info.duration_s
    if claim_s is None or lasts_s is None or claim_s < _OVERSTATED * lasts_s + 1:
        return ""
    return _remark([claim_s], info.start_s + lasts_s, info.start_s)


def _check_clock(found: Measurement, data: dict[str, Any], uri: str) -> None:
    """A packet of sound is as long as its samples: where most claim to last long, so do all the file's times."""
    for stream in data.get("streams", ()):
        lengths = sorted(packet.duration_s for packet in found.packets.get(stream.get("index", 0), ()))
        middle_s = lengths[len(lengths) // 2] if lengths else 0.0
        if stream.get("codec_type") == "audio" and middle_s > _LONGEST_SOUND_S:
            text = f"{uri} has timestamps that are wrong: packets of its sound last {middle_s:g} s each"
            raise JobError("SourceCorrupt", f"{text}; write the file anew")


def _missing(path: Path) -> str:
    """What of a file is not there, in words."""
    claimed, size = claimed_bytes(path), path.stat().st_size
    return f"only {size} of its {claimed} bytes are there" if claimed is not None and claimed > size else ""


def _remark(claims: Sequence[float | None], ends_s: float, start_s: float) -> str:
    """What a header says wrongly of the length, in words. Matroska's counts from 0, wherever its packets begin."""
    lasts_s = ends_s - start_s

    def wrong_by_s(claim_s: float) -> float:
        return min(abs(claim_s - lasts_s), abs(claim_s - ends_s))

    worst_s = max((claim for claim in claims if claim is not None), key=wrong_by_s, default=lasts_s)
    if wrong_by_s(worst_s) <= _REMARKABLE_S:
        return ""
    return f"its header says {worst_s:.3f} s, its packets last {lasts_s:.3f} s"


def _check_encrypted(path: str, data: dict[str, Any], uri: str) -> None:
    tags = {stream.get("codec_tag_string") for stream in data.get("streams", ())}
    keys = any("enc_key_id" in stream.get("tags", {}) for stream in data.get("streams", ()))
    if keys or tags & _ENCRYPTED_TAGS or (Path(path).is_file() and encryption_of(Path(path))):
        text = f"{uri} is encrypted (DRM): give a file that plays without a key"
        raise JobError("SourceEncrypted", text)


def _check_content(info: MediaInfo, uri: str) -> None:
    """Streams that a header announces and that have no packet are not there."""
    if info.video is None and info.audio is None and info.hollow:
        text = f"{uri} has a header and nothing else: no picture or sound follows; write the file anew"
        raise JobError("SourceEmpty", text)


def _check_size(video: VideoStream, uri: str, tail: str) -> None:
    pixels = video.width * video.height
    if not pixels:
        text = f"{uri} has a picture whose size ffmpeg does not believe: it is broken, or too large"
        raise JobError("SourceNotMedia", text, log_tail=tail)
    if pixels > MAX_PIXELS:
        text = f"{uri} has pictures of {video.width}x{video.height}: {MAX_PIXELS} pixels is the most that is decoded"
        raise JobError("SourceTooLarge", text)


def _unreadable(path: str, uri: str, tail: str) -> JobError:
    last = tail.strip().splitlines()[-1].rpartition(": ")[2] if tail.strip() else "no reason given"
    if refused := _REFUSED.search(tail):
        text = (
            f"{uri} is {refused[1] or refused[2]}, a playlist or another format that is not read: give the media itself"
        )
        return JobError("SourceNotMedia", text)
    if "moov atom not found" in tail and Path(path).is_file() and _begins_as_mp4(path):
        text = f"{uri} is cut off: its index is missing; write the file anew"
        return JobError("SourceTruncated", text, log_tail=tail)
    return JobError("SourceNotMedia", f"{uri} is no media that ffmpeg can read: {last}", log_tail=tail)


def _begins_as_mp4(path: str) -> bool:
    """ffmpeg takes any file called .mp4 for one; a real one begins with a ``ftyp`` box (ISO/IEC 14496-12)."""
    with Path(path).open("rb") as file:
        return file.read(8)[4:] == b"ftyp"
