"""Title and chapters of a render: its own, and nothing of its sources'. Pure.

They are written in the format of https://ffmpeg.org/ffmpeg-formats.html#Metadata-2, in which a backslash escapes ``=``,
``;``, ``#``, itself and a newline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

#: Name of the file in the scratch folder.
METADATA: Final = "metadata.ffmeta"
_ESCAPED: Final = str.maketrans({character: f"\\{character}" for character in "=;#\\\n"})


@dataclass(frozen=True)
class Chapter:
    """A chapter from a time in seconds to the next chapter's, or to the end."""

    title: str
    start_s: float


@dataclass(frozen=True)
class OutputMetadata:
    """What players show of a file; ``duration_s`` is where the last chapter ends."""

    title: str = ""
    chapters: Sequence[Chapter] = ()
    duration_s: float = 0.0

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.title or self.chapters)

    @property
    def files(self) -> dict[str, str]:
        """The file in the scratch folder, by its name."""
        return {METADATA: self._text()} if self else {}

    def inputs(self) -> tuple[str, ...]:
        """The input, where there is any metadata."""
        return ("-protocol_whitelist", "file", "-f", "ffmetadata", "-i", f"file:{METADATA}") if self else ()

    def maps(self, its_input: int) -> tuple[str, ...]:
        """Options of the output: what every other input carries is dropped, also its streams' timecodes and names.

        A ``-map_metadata -1`` without a type would drop the chapters' titles, too.
        """
        own = (
            ("-map_metadata:g", f"{its_input}:g", "-map_chapters", str(its_input)) if self else ("-map_chapters", "-1")
        )
        return ("-map_metadata:g", "-1", "-map_metadata:s", "-1", *own)

    def _text(self) -> str:
        title = [f"title={_escaped(self.title)}"] if self.title else []
        ends = [*(chapter.start_s for chapter in self.chapters), self.duration_s]
        blocks = [_block(*row) for row in zip(self.chapters, pairwise(ends), strict=True)]
        return "\n".join([";FFMETADATA1", *title, *blocks, ""])


def _block(chapter: Chapter, span_s: tuple[float, float]) -> str:
    start, end = (round(1_000_000 * each) for each in span_s)
    return f"[CHAPTER]\nTIMEBASE=1/1000000\nSTART={start}\nEND={end}\ntitle={_escaped(chapter.title)}"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)
