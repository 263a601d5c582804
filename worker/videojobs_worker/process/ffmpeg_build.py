"""What an ffmpeg binary can do: builds differ by version and by the libraries that they were configured with.

Options are chosen by this, and never by a version number alone: distributions backport, and a build from git has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_FILTER: Final = re.compile(r"^ [T.][S.][C.]? (\S+) +\S+->\S+", re.MULTILINE)
_CODEC: Final = re.compile(r"^ ([D.])([E.])[VASDT.][I.][L.][S.] ([^\s=]+)(.*)$", re.MULTILINE)
_ENCODERS: Final = re.compile(r"\(encoders: ([^)]*)\)")
_FORMAT: Final = re.compile(r"^ ([D ])([E ])[d ]? +([^\s=]+)", re.MULTILINE)
_OPTION: Final = re.compile(r"^-(\w+)", re.MULTILINE)
_VERSION: Final = re.compile(r"^ffmpeg version (\S+)", re.MULTILINE)
_LIBAVCODEC: Final = re.compile(r"^libavcodec +(\d+)\. *(\d+)\.", re.MULTILINE)
#: The lists that :func:`read` reads.
LISTS: Final = ("-version", "-filters", "-codecs", "-formats", "-h long")


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


def read(lists: Mapping[str, str], encoder_time_bases: Iterable[str]) -> FfmpegBuild:
    """A build by what it prints for each of LISTS.

    Raises:
        ValueError: it does not answer as ffmpeg does.
    """
    version, libavcodec = _VERSION.search(lists["-version"]), _LIBAVCODEC.search(lists["-version"])
    if version is None or libavcodec is None:
        raise ValueError(f"this is no version of ffmpeg: {lists['-version'][:80]!r}")
    codecs = [match.groups() for match in _CODEC.finditer(lists["-codecs"])]
    formats = [match.groups() for match in _FORMAT.finditer(lists["-formats"])]
    return FfmpegBuild(
        version=version.group(1),
        libavcodec=(int(libavcodec.group(1)), int(libavcodec.group(2))),
        filters=frozenset(_FILTER.findall(lists["-filters"])),
        encoders=frozenset(name for _, able, codec, rest in codecs if able == "E" for name in _encoders(codec, rest)),
        decoded_codecs=frozenset(codec for able, _, codec, _ in codecs if able == "D"),
        muxers=_names(name for _, able, name in formats if able == "E"),
        demuxers=_names(name for able, _, name in formats if able == "D"),
        options=frozenset(_OPTION.findall(lists["-h long"])),
        encoder_time_bases=frozenset(encoder_time_bases),
    )


def _encoders(codec: str, rest: str) -> list[str]:
    """A codec's encoders, which are named only where they are not one of the codec's own name."""
    named = _ENCODERS.search(rest)
    return named.group(1).split() if named else [codec]


def _names(names: Iterable[str]) -> frozenset[str]:
    """A demuxer may have several: ``mov,mp4,m4a,3gp,3g2,mj2``."""
    return frozenset(each for name in names for each in name.split(","))
