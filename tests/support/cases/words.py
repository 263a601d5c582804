"""Subtitle files in the encodings and dialects that people have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SRT: Final = "1\n00:00:00,500 --> 00:00:01,500\n{}\n"


def latin1(folder: Path) -> Path:
    """ISO 8859-1."""
    return _written(folder / "latin1.srt", _SRT.format("naïve café déjà vu à la carte"), "latin-1")


def windows_cyrillic(folder: Path) -> Path:
    """Windows-1251."""
    return _written(folder / "cyrillic.srt", _SRT.format("Привет, как твои дела сегодня утром?"), "cp1251")


def shift_jis(folder: Path) -> Path:
    """Shift JIS."""
    return _written(folder / "japanese.srt", _SRT.format("こんにちは、今日はいい天気ですね。"), "shift_jis")


def utf16(folder: Path) -> Path:
    """UTF-16 with a mark of its byte order."""
    return _written(folder / "utf16.srt", _SRT.format("plain"), "utf-16")


def unassigned(folder: Path) -> Path:
    """A character for private use, which no font has."""
    return _written(folder / "private.srt", _SRT.format("plain \U000f0000"))


def utf8_with_mark(folder: Path) -> Path:
    """UTF-8 with a byte order mark, as Windows writes it."""
    return _written(folder / "mark.srt", _SRT.format("plain"), "utf-8-sig")


def without_styles(folder: Path) -> Path:
    """ASS without a section of styles."""
    event = "Format: Layer, Start, End, Text\nDialogue: 0,0:00:00.50,0:00:01.50,plain\n"
    return _written(folder / "no-styles.ass", f"[Script Info]\nTitle: x\n\n[Events]\n{event}")


def older(folder: Path) -> Path:
    """SSA, the format before ASS."""
    style = "[V4 Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour\nStyle: Default,Arial,20,16777215\n"
    event = "Format: Marked, Start, End, Style, Text\nDialogue: Marked=0,0:00:00.50,0:00:01.50,Default,an older kind\n"
    return _written(folder / "older.ssa", f"[Script Info]\nScriptType: v4.00\n\n{style}\n[Events]\n{event}")


def hours_of_two_digits(folder: Path) -> Path:
    """A cue that begins in the hundredth hour's last second, and another that is in time."""
    late = "2\n99:59:59,999 --> 100:00:01,000\nx\n"
    return _written(folder / "late.srt", f"{_SRT.format('plain')}\n{late}")


def only_in_the_hundredth_hour(folder: Path) -> Path:
    """No cue but one that begins in the hundredth hour's last second."""
    return _written(folder / "only-late.srt", "1\n99:59:59,999 --> 100:00:01,000\nx\n")


def scripts(folder: Path) -> Path:
    """Chinese, Arabic, Hindi and an emoji."""
    return _written(folder / "scripts.srt", _SRT.format("你好 مرحبا नमस्ते 😀"))


def pictures(folder: Path) -> Path:
    """VobSub: subtitles that are pictures."""
    path = folder / "pictures.sub"
    path.write_bytes(b"\x00\x00\x01\xba" + bytes(2044))
    return path


def _written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
