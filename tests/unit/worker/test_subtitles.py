"""Subtitle files that ffmpeg would show in part, or not at all, are found out before."""

from __future__ import annotations

import pytest

from videojobs_worker.media.render.subtitles import has_cues, undecodable_line

CUE = "1\n00:00:00,000 --> 00:00:01,000\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (CUE.encode() + b"plain", None),
        ((CUE + "für 日本").encode(), None),
        ((CUE + "für").encode("utf-8-sig"), None),
        ((CUE + "für").encode("utf-16"), None),
        (CUE.encode() + "für".encode("latin-1"), 3),
        ((CUE + "für").encode("utf-16") + b"\0", 3),
        (b"\xff", 1),
        (b"", None),
    ],
)
def test_text_is_utf_8_or_utf_16(content: bytes, line: int | None) -> None:
    assert undecodable_line(content) == line


@pytest.mark.parametrize(
    ("ending", "content", "shown"),
    [(".srt", b"", True), (".srt", CUE.encode(), True), (".srt", b"no cue", False), (".vtt", b"WEBVTT", True)],
)
def test_a_text_without_cues_is_known(ending: str, content: bytes, shown: bool) -> None:
    assert has_cues(ending, content) == shown
