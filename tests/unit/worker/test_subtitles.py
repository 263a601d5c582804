"""Subtitle files of every kind: read, or refused in words that say what to do."""

from __future__ import annotations

import pytest

from videojobs_worker.errors import JobError
from videojobs_worker.media.render.subtitles import check_ending, has_cues, read_subtitles

CUE = "1\n00:00:00,000 --> 00:00:01,000\n"


@pytest.mark.parametrize(
    ("ending", "name"),
    [(".srt", "subtitles.srt"), (".ass", "subtitles.ass"), (".ssa", "subtitles.ass"), (".vtt", "subtitles.vtt")],
)
def test_a_file_gets_a_name_that_no_user_chose(ending: str, name: str) -> None:
    check_ending("s", ending)
    subtitles, note = read_subtitles("s", ending, CUE.encode() + b"plain", burn=True)
    assert (subtitles.name, subtitles.burn, note) == (name, True, "")


@pytest.mark.parametrize("ending", [".sub", ".idx", ".sup"])
def test_pictures_are_no_text(ending: str) -> None:
    with pytest.raises(
        JobError, match=r"film.* holds pictures or counts frames: give subtitles as text in SubRip"
    ) as error:
        check_ending(f"film{ending}", ending)
    assert error.value.reason == "SubtitlesInvalid"


def test_another_format_is_refused_with_those_that_are_read() -> None:
    with pytest.raises(JobError, match=r"not read: .* \(.srt, .ass, .ssa, .vtt\)"):
        check_ending("film.txt", ".txt")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (CUE.encode() + b"plain", ""),
        ((CUE + "f\u00fcr \u65e5\u672c").encode(), ""),
        ((CUE + "f\u00fcr").encode("utf-16"), ""),
        (CUE.encode() + "f\u00fcr".encode("latin-1"), "s.srt was read as windows-1252"),
        ((CUE + "f\u00fcr").encode("utf-16") + b"\0", "s.srt: line 3 cannot be read as utf-16"),
    ],
)
def test_how_a_file_was_read_is_said_where_it_was_guessed(content: bytes, note: str) -> None:
    subtitles, said = read_subtitles("s.srt", ".srt", content, burn=False)
    assert subtitles.text.startswith(CUE)
    assert said.lower().startswith(note)
    assert bool(said) == bool(note)


@pytest.mark.parametrize(
    ("content", "words"), [(bytes(range(256)) * 9, "charset .* save it as UTF-8"), (b"hello", "has no cue")]
)
def test_what_is_no_subtitle_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(JobError, match=words):
        read_subtitles("s.srt", ".srt", content, burn=True)


@pytest.mark.parametrize(
    ("ending", "text", "shown"),
    [(".srt", "", True), (".srt", CUE, True), (".srt", "no cue", False), (".vtt", "WEBVTT", True)],
)
def test_a_text_without_cues_is_known(ending: str, text: str, shown: bool) -> None:
    assert has_cues(ending, text) == shown
