"""The text of a subtitle file in Unicode, whatever charset it was saved in. Pure.

Text files carry no name of their charset. A byte order mark is believed, then UTF-8, in which text of other charsets is
hardly ever valid; for the rest chardet (https://chardet.readthedocs.io) judges in which charset the bytes make sense.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import chardet
from chardet import EncodingEra

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),  # before UTF-16's, which they begin with
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: What subtitles are written in; of charsets that only DOS or mainframes had there are too many to be guessed.
_ERAS: Final = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
#: So many of the lines with other characters than ASCII's are right in a UTF-8 file that was damaged.
_MOSTLY: Final = 0.9
#: What is guessed with less confidence, as of a single word, is more likely in the charset that most files without a
#: name of theirs are in (https://encoding.spec.whatwg.org).
_CERTAIN: Final = 0.05
_USUAL: Final = "Windows-1252"
_WORD: Final = re.compile(r"[^\W\d_]+")
#: Beside Latin's. Of those that are written without spaces a word may stand beside a Latin one.
_ALPHABETS: Final = frozenset({"ARABIC", "CYRILLIC", "GREEK", "HEBREW"})
#: A larger share of zeros means UTF-16 or UTF-32, in which digits and spaces have them.
_WIDE: Final = 0.1


@dataclass(frozen=True)
class SubtitleText:
    """A text.

    Args:
        text: all of it.
        charset: what it was read as, by Python's name.
        damaged: lines that could not be read whole, from 1.
        guessed: whether the charset was judged by what the text would say.
    """

    text: str
    charset: str
    damaged: tuple[int, ...] = ()
    guessed: bool = False


def decoded(content: bytes) -> SubtitleText | None:
    """The text of a file; None where it is in no charset that can be told."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return _as(content, charset, "replace")
    if content.count(0) > _WIDE * len(content):
        return _guessed(content, content)
    if (text := _as(content, "utf-8")) is not None:
        return text
    lines = [line for line in content.splitlines() if not line.isascii()]
    if sum(map(_is_utf8, lines)) >= _MOSTLY * len(lines):
        return _as(content, "utf-8", "replace")
    return _guessed(content, b"\n".join(lines))


def _guessed(content: bytes, sample: bytes) -> SubtitleText | None:
    found = chardet.detect_all(sample, ignore_threshold=True, encoding_era=_ERAS, prefer_superset=True)
    first = [each["encoding"] for each in found[:1] if each["confidence"] >= _CERTAIN]
    charsets = [*first, _USUAL, *(each["encoding"] for each in found)]
    texts = (text for charset in charsets if charset and (text := _as(content, charset)) is not None)
    first_text = next(texts, None)
    if first_text is None:
        return None
    read = next((text for text in chain([first_text], texts) if not _is_mixed(text.text)), first_text)
    return replace(read, guessed=True)


def _is_mixed(text: str) -> bool:
    """Whether most words with other letters than ASCII's have letters of two alphabets, as no language writes them."""
    scripts = [_scripts(word) for word in _WORD.findall(text) if not word.isascii()]
    mixed = [each for each in scripts if "LATIN" in each and not each.isdisjoint(_ALPHABETS)]
    return len(mixed) > len(scripts) / 2


def _scripts(word: str) -> set[str]:
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in word}


def _as(content: bytes, charset: str, errors: str = "strict") -> SubtitleText | None:
    try:
        text = content.decode(charset, errors)
    except (UnicodeDecodeError, LookupError):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    lines = text.split("\n") if errors == "replace" else []
    return SubtitleText(text, charset, tuple(number for number, line in enumerate(lines, 1) if "\ufffd" in line))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
