"""Subtitles that go on after the end of a render."""

from __future__ import annotations

import pytest

from videojobs_worker.media.render.subtitle_cues import fitted

SRT = (
    "1\n00:00:00,500 --> 00:00:01,000\nfirst\n\n2\n00:00:01,500 --> 99:59:59,000\nlong\n\n"
    "3\n99:59:59,999 --> 100:00:01,000\nx\n"
)
VTT = "WEBVTT\n\nSTYLE\n::cue {}\n\nname\n00:00.500 --> 00:01.000 line:0\nfirst\n\n01:00.000 --> 02:00.000\nlast\n"
ASS = """[Script Info]

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:00.50,0:00:01.00,Default,one, two
Dialogue: 0,0:00:01.50,9:00:00.00,Default,long
Dialogue: 0,0:01:00.00,0:02:00.00,Default,last
Comment: 0,0:01:00.00,0:02:00.00,Default,no dialogue
"""


@pytest.mark.parametrize("text", [SRT, VTT, ASS, "", "no cue at all"])
def test_nothing_is_changed_in_a_render_that_is_long_enough(text: str) -> None:
    made = fitted(text, 400_000)
    assert (made.text, made.left_out, made.shortened) == (text, 0, 0)
    assert made.note("s.srt", 400_000) == ""


def test_subrip_ends_with_the_render() -> None:
    made = fitted(SRT, 2.0)
    assert made.text == "1\n00:00:00,500 --> 00:00:01,000\nfirst\n\n2\n00:00:01,500 --> 00:00:02,000\nlong\n"
    assert (made.left_out, made.shortened) == (1, 1)
    text = "s.srt goes on after the render's end at 2.000 s: 1 cue left out, 1 cue cut off there"
    assert made.note("s.srt", 2.0) == text


def test_webvtt_keeps_what_is_no_cue() -> None:
    assert fitted(VTT, 2.0).text == VTT[: VTT.index("\n01:00.000 -->")]
    assert fitted(VTT, 0.75).text.splitlines()[6] == "00:00.500 --> 00:00:00.750 line:0"


def test_ass_by_the_fields_that_it_names() -> None:
    made = fitted(ASS, 2.0)
    assert "one, two" in made.text
    assert "Dialogue: 0,0:00:01.50,0:00:02.00,Default,long" in made.text
    assert "last" not in made.text
    assert "Comment" in made.text
    moved = "[Events]\nFormat: Text, End, Start\nDialogue: a,9:00:00.00,0:00:00.50\nDialogue: b,9:00:00.00,0:00:05.00\n"
    assert fitted(moved, 2.0).text == "[Events]\nFormat: Text, End, Start\nDialogue: a,0:00:02.00,0:00:00.50\n"


EARLY, LATE = "00:00:01,000 --> 00:00:02,000", "00:00:05,000 --> 00:00:06,000"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"1\n{LATE}\nall is late\n", ""),
        (f"{LATE}\nno number\nat all\n\n{EARLY}\ngood", f"{EARLY}\ngood"),
        (f"1\n{EARLY}\na\n2\n{LATE}\nno blank line", f"1\n{EARLY}\na"),
    ],
)
def test_a_cue_is_left_out_whole(text: str, left: str) -> None:
    assert fitted(text, 3.0).text == left
