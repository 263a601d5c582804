"""A render's subtitles: rendered into the picture, or a stream that players can toggle. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from videojobs_protocol.work import Container
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Step, common_arguments
from videojobs_worker.media.render.ass_script import as_ass
from videojobs_worker.media.render.subtitle_cues import fitted
from videojobs_worker.media.render.subtitle_text import SubtitleText, decoded

#: What is burnt, made of the subtitles: libass reads it itself, while ffmpeg would look for playlists in it.
PAINTED: Final = "painted.ass"
#: Name of the subtitles in the scratch folder, before their ending.
_NAME: Final = "subtitles"
#: Subtitles of a day's film are a tenth of it.
MAX_SUBTITLE_BYTES: Final = 32 * 2**20
#: By the ending of the file that a user gives: the one in the scratch folder. ffmpeg has one demuxer for ASS and SSA.
_ENDINGS: Final[Mapping[str, str]] = {".srt": "srt", ".ass": "ass", ".ssa": "ass", ".vtt": "vtt"}
_DEMUXER: Final = {"srt": "srt", "ass": "ass", "vtt": "webvtt"}
_SOFT_CODEC: Final[dict[Container, str]] = {"mp4": "mov_text", "mkv": "srt", "webm": "webvtt"}
#: Formats of subtitles as pictures (of DVDs and Blu-rays), and MicroDVD, which counts frames and not time.
_NO_TEXT: Final = (".sub", ".idx", ".sup")


@dataclass(frozen=True)
class SubtitleFile:
    """A file in the scratch folder and its text.

    Args:
        name: of the file; empty where there are no subtitles.
        burn: whether they are rendered into the picture.
        text: what is in the file, in UTF-8.
        uri: names them to the reader.
    """

    name: str = ""
    burn: bool = False
    text: str = ""
    uri: str = ""

    @property
    def soft(self) -> bool:
        """Whether they become a stream."""
        return bool(self.name) and not self.burn

    @property
    def scratch_files(self) -> dict[str, str]:
        """The file, by its name."""
        return {self.name: self.text} if self.name else {}

    @property
    def files(self) -> tuple[str, ...]:
        """What a run that takes them reads in the scratch folder."""
        return () if not self.name else (PAINTED,) if self.burn else (self.name,)

    def until(self, duration_s: float) -> SubtitleFile:
        """The same, ending with a render of ``duration_s``."""
        return replace(self, text=fitted(self.text, duration_s).text)

    def note(self, duration_s: float) -> str:
        """What of them a render of ``duration_s`` does not show, in words; empty where it shows all."""
        return fitted(self.text, duration_s).note(self.uri, duration_s)

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


NO_SUBTITLES: Final = SubtitleFile()


def check_ending(uri: str, ending: str) -> None:
    """Whether a file's ending is that of a format that is read.

    Raises:
        JobError: SubtitlesInvalid.
    """
    if ending in _ENDINGS:
        return
    what = "holds pictures or counts frames" if ending in _NO_TEXT else "is in a format that is not read"
    text = f"{uri} {what}: give subtitles as text in SubRip, WebVTT, ASS or SSA ({', '.join(_ENDINGS)})"
    raise JobError("SubtitlesInvalid", text)


def read_subtitles(uri: str, ending: str, content: bytes, *, burn: bool) -> tuple[SubtitleFile, str]:
    """The file for the scratch folder, and how it was read in words where that was no matter of course.

    Raises:
        JobError: SubtitlesInvalid, where it is no text or has no cues.
    """
    read = decoded(content)
    if read is None:
        text = f"{uri} is no text in a charset that is recognised: save it as UTF-8"
        raise JobError("SubtitlesInvalid", text)
    if not has_cues(ending, read.text):
        raise JobError("SubtitlesInvalid", f"{uri} has no cue (a line with -->)")
    kind = _ENDINGS[ending]
    text = as_ass(read.text) if kind == "ass" else read.text
    return SubtitleFile(f"{_NAME}.{kind}", burn, text, uri), _how_read(uri, read)


def has_cues(ending: str, text: str) -> bool:
    """False where a text is not empty and yet ffmpeg would silently show none of it. A header alone is empty."""
    return ending != ".srt" or not text.strip() or "-->" in text


def _how_read(uri: str, read: SubtitleText) -> str:
    if read.damaged:
        lines = f"line {read.damaged[0]}" + (f" and {len(read.damaged) - 1} more" if len(read.damaged) > 1 else "")
        return f"{uri}: {lines} cannot be read as {read.charset}, and shows \ufffd there"
    return f"{uri} was read as {read.charset}: save it as UTF-8 if letters are wrong" if read.guessed else ""
