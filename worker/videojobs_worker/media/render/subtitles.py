"""A render's subtitles: painted into the picture, or a stream that players can toggle."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from videojobs_protocol.work import Container, Render
from videojobs_worker.media.plan import Step, common_arguments
from videojobs_worker.media.render.scenes import PAINTED

#: Name of the subtitles in the scratch folder, before their ending.
SUBTITLES: Final = "subtitles"
#: Subtitles of a day's film are a tenth of it.
MAX_SUBTITLE_BYTES: Final = 32 * 2**20
_DEMUXER: Final = {"srt": "srt", "ass": "ass", "vtt": "webvtt"}
_SOFT_CODEC: Final[dict[Container, str]] = {"mp4": "mov_text", "mkv": "srt", "webm": "webvtt"}


@dataclass(frozen=True)
class SubtitleFile:
    """A file in the scratch folder; ``name`` is empty where there are no subtitles."""

    name: str = ""
    burn: bool = False

    @property
    def soft(self) -> bool:
        """Whether they become a stream."""
        return bool(self.name) and not self.burn

    @property
    def files(self) -> tuple[str, ...]:
        """What a run that takes them reads in the scratch folder."""
        return () if not self.name else (PAINTED,) if self.burn else (self.name,)

    def painting(self, threads: int) -> tuple[Step, ...]:
        """The runs that prepare subtitles to be painted, and try whether libass takes them."""
        if not (self.name and self.burn):
            return ()
        common = common_arguments(threads)
        convert = (*common, *self._input(), "-f", "ass", f"file:{PAINTED}")
        trial = (*common, "-f", "lavfi", "-i", f"color=s=16x16:r=1:d=1,ass={PAINTED}", "-f", "null", "-")
        stage, failure = "Reading subtitles", "SubtitlesInvalid"
        return (
            Step(convert, 0.0, stage, failure=failure, reads=(self.name,), writes=(PAINTED,)),
            Step(trial, 0.0, stage, failure=failure, reads=(PAINTED,)),
        )

    def soft_input(self) -> tuple[str, ...]:
        """The input of soft subtitles."""
        return self._input() if self.soft else ()

    def soft_map(self, number: int, container: Container) -> tuple[str, ...]:
        """Input ``number`` as the container's kind of subtitle stream; Matroska keeps the styles of ASS."""
        if not self.soft:
            return ()
        styled = self.name.endswith(".ass") and container == "mkv"
        return ("-map", f"{number}:s:0", "-c:s", "ass" if styled else _SOFT_CODEC[container])

    def _input(self) -> tuple[str, ...]:
        """As what their name says and nothing else: text can look like a playlist, which opens other files."""
        demuxer = _DEMUXER[self.name.rpartition(".")[2]]
        return ("-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{self.name}")


def has_cues(ending: str, content: bytes) -> bool:
    """False where a text is not empty and yet ffmpeg would silently show none of it. A header alone is empty."""
    text = content.replace(b"\0", b"").strip()  # UTF-16 is ASCII with zeros
    return ending != ".srt" or not text or b"-->" in text


def undecodable_line(content: bytes) -> int | None:
    """The first line that is no text to ffmpeg, which would leave it out and go on: it reads UTF-8, or UTF-16 by its
    byte order mark."""
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return None


def subtitles_of(work: Render, name: str) -> SubtitleFile:
    """The subtitles that a render asks for, fetched under ``name``."""
    return SubtitleFile(name, bool(work.subtitles and work.subtitles.mode == "Burn"))
