"""What an ffmpeg binary can do: builds differ by version and by the libraries that they were configured with.

Options are chosen by this, and never by a version number alone: distributions backport, and a build from git has none.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from videojobs_worker.errors import JobError
from videojobs_worker.process.runner import capture

TIMEOUT_S: Final = 20.0
_FILTER: Final = re.compile(r"^ [T.][S.][C.]? (\S+) +\S+->\S+", re.MULTILINE)
_CODEC: Final = re.compile(r"^ ([D.])([E.])[VASDT.][I.][L.][S.] ([^\s=]+)(.*)$", re.MULTILINE)
_ENCODERS: Final = re.compile(r"\(encoders: ([^)]*)\)")
_FORMAT: Final = re.compile(r"^ ([D ])([E ])[d ]? +([^\s=]+)", re.MULTILINE)
_OPTION: Final = re.compile(r"^-(\w+)", re.MULTILINE)
_VERSION: Final = re.compile(r"^ffmpeg version (\S+)", re.MULTILINE)
_LIBAVCODEC: Final = re.compile(r"^libavcodec +(\d+)\. *(\d+)\.", re.MULTILINE)
#: Encodes a tenth of a second with the time base that the demuxer gave its stream, and throws it away.
_DEMUX_TRIAL: Final = (
    "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=size=64x64:duration=0.1",
    "-enc_time_base", "demux", "-c:v", "rawvideo", "-f", "null", "-",
)  # fmt: skip


@dataclass(frozen=True)
class FfmpegBuild:
    """One build of ffmpeg, by its own lists."""

    version: str  # as it calls itself: 7.1.5-0+deb13u1, n9.0.2-17-g2a571b6068, N-120000-gabcdef
    libavcodec: tuple[int, int]  # grows with every release: 59.37 is ffmpeg 5.1, 60 is 6, 61 is 7, 62 is 8, 63 is 9
    filters: frozenset[str]
    encoders: frozenset[str]  # by the encoder's name: libx264, aac
    decoded_codecs: frozenset[str]  # by the codec's name, as ffprobe gives it: h264, aac
    muxers: frozenset[str]
    demuxers: frozenset[str]
    options: frozenset[str]  # of the ffmpeg tool itself, without the dash: fps_mode, display_rotation
    encoder_time_bases: frozenset[str]  # of the words that -enc_time_base takes in some version: demux

    @property
    def source_time_base(self) -> str:
        """The value of ``-enc_time_base`` for the time base of the source.

        ``demux`` came with ffmpeg 6.1, and ``-1``, which meant the same, is refused since 9.
        """
        return "demux" if "demux" in self.encoder_time_bases else "-1"


def current() -> FfmpegBuild:
    """The build that ``ffmpeg`` on PATH is. It is asked once, and again where the binary is replaced.

    Raises:
        JobError: there is none, or it does not run.
    """
    found = shutil.which("ffmpeg")
    if found is None:
        raise JobError("EncoderFailed", "ffmpeg is not on the worker's PATH: install it", retryable=True)
    return build_of(Path(found))


def build_of(path: Path) -> FfmpegBuild:
    """The build that a binary is. Raises JobError where it does not run."""
    return _asked(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _asked(path: Path, _mtime_ns: int) -> FfmpegBuild:
    version = _answer(path, "-version")
    codecs = [match.groups() for match in _CODEC.finditer(_answer(path, "-codecs"))]
    formats = [match.groups() for match in _FORMAT.finditer(_answer(path, "-formats"))]
    return FfmpegBuild(
        version=_first(_VERSION, version, path).group(1),
        libavcodec=_libavcodec(_first(_LIBAVCODEC, version, path)),
        filters=frozenset(_FILTER.findall(_answer(path, "-filters"))),
        encoders=frozenset(name for _, able, codec, rest in codecs if able == "E" for name in _encoders(codec, rest)),
        decoded_codecs=frozenset(codec for able, _, codec, _ in codecs if able == "D"),
        muxers=_names(name for _, able, name in formats if able == "E"),
        demuxers=_names(name for able, _, name in formats if able == "D"),
        options=frozenset(_OPTION.findall(_answer(path, "-h", "long"))),
        encoder_time_bases=frozenset({"demux"} if capture([str(path), *_DEMUX_TRIAL], TIMEOUT_S)[0] == 0 else ()),
    )


def _answer(path: Path, *arguments: str) -> str:
    """What the binary prints. Raises JobError where it fails."""
    code, text, tail = capture([str(path), "-hide_banner", *arguments], TIMEOUT_S)
    if code:
        message = f"`{path} {' '.join(arguments)}` failed with exit code {code}: install an ffmpeg that runs here"
        raise JobError("EncoderFailed", message, retryable=True, log_tail=tail)
    return text


def _first(pattern: re.Pattern[str], text: str, path: Path) -> re.Match[str]:
    match = pattern.search(text)
    if match is None:
        message = f"`{path} -version` does not answer as ffmpeg does: {text[:80]!r}"
        raise JobError("EncoderFailed", message, retryable=True)
    return match


def _libavcodec(match: re.Match[str]) -> tuple[int, int]:
    return int(match.group(1)), int(match.group(2))


def _encoders(codec: str, rest: str) -> list[str]:
    """A codec's encoders, which are named only where they are not one of the codec's own name."""
    named = _ENCODERS.search(rest)
    return named.group(1).split() if named else [codec]


def _names(names: Iterable[str]) -> frozenset[str]:
    """A demuxer may have several: ``mov,mp4,m4a,3gp,3g2,mj2``."""
    return frozenset(each for name in names for each in name.split(","))
