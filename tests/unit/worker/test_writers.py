"""Caption files as players read them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_protocol.work import CaptionFormat
from videojobs_worker.speech.cues import Cue, cues
from videojobs_worker.speech.transcript import Word
from videojobs_worker.speech.writers import written

TWO = [Cue(0, 1.5, ("Hello", "there")), Cue(3661.0004, 3662.9996, ("5 < 6 & 7 > 6",))]
SRT = """1
00:00:00,000 --> 00:00:01,500
Hello
there

2
01:01:01,000 --> 01:01:03,000
5 < 6 & 7 > 6
"""
VTT = """WEBVTT

00:00:00.000 --> 00:00:01.500
Hello
there

01:01:01.000 --> 01:01:03.000
5 &lt; 6 &amp; 7 &gt; 6
"""


@pytest.mark.parametrize(("form", "text"), [("srt", SRT), ("vtt", VTT)])
def test_text_is_to_the_letter(form: CaptionFormat, text: str) -> None:
    assert written(TWO, form, "en") == text


@pytest.mark.parametrize(("form", "text"), [("srt", ""), ("vtt", "WEBVTT\n")])
def test_nothing_said_is_still_a_valid_file(form: CaptionFormat, text: str) -> None:
    assert written([], form, "en") == text


def test_json_has_language_words_and_seconds() -> None:
    words = (Word(0.0004, 0.5, " Grüß"), Word(0.5, 1.23456, " Gott"))
    assert json.loads(written([Cue(0.0004, 1.23456, ("Grüß", "Gott"), words)], "json", "de")) == {
        "language": "de",
        "segments": [
            {
                "start": 0.0, "end": 1.235, "text": "Grüß Gott",
                "words": [{"start": 0.0, "end": 0.5, "text": "Grüß"}, {"start": 0.5, "end": 1.235, "text": "Gott"}],
            }
        ],
    }  # fmt: skip


def test_vtt_can_tell_when_each_word_begins() -> None:
    words = (Word(1, 1.5, " one"), Word(1.5, 1.5, " <two>"), Word(1.5, 9, " three"), Word(9, 9, " late"))
    text = written([Cue(1, 3, ("one <two> three late",), words)], "vtt", "en", word_times=True)
    assert text.splitlines()[-1] == "one <00:00:01.500>&lt;two&gt; three late"


SECONDS = st.floats(0, 40_000, allow_nan=False)


@given(st.lists(st.builds(Word, SECONDS, SECONDS, st.text("ab<>-& \n", max_size=100)), max_size=20))
def test_each_timing_is_a_cue_and_ends_after_it_starts(words: list[Word]) -> None:
    made = cues(words)
    for form, word_times in (("srt", False), ("vtt", False), ("vtt", True)):
        text = written(made, form, "en", word_times=word_times)
        timings = re.findall(r"^(\d\d:\d\d:\d\d[.,]\d{3}) --> (\d\d:\d\d:\d\d[.,]\d{3})$", text, re.MULTILINE)
        assert len(timings) == len(made) == text.count("-->")
        assert all(start < end for start, end in timings)
        times = [time for timing in timings for time in timing]
        assert times == sorted(times)
