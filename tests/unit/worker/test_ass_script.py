"""Scripts of SSA and ASS that leave out what ffmpeg and libass want."""

from __future__ import annotations

import pytest

from videojobs_worker.media.render.ass_script import as_ass

USUAL = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
KIND = "[Script Info]\nScriptType: v4.00+\n[Events]\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[Script Info]\nTitle: x\n", "[Script Info]\nScriptType: v4.00+\nTitle: x\n"),
        ("[Events]\n", "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"),
        ("[Script Info]\nScriptType: v4.00\n", "[Script Info]\nScriptType: v4.00\n"),
        ("[Script Info]\n[V4 Styles]\n", "[Script Info]\n[V4 Styles]\n"),
        ("[script info]\n[v4+ styles]\n", "[script info]\n[v4+ styles]\n"),
    ],
)
def test_libass_is_told_which_kind_of_script_it_reads(text: str, kind: str) -> None:
    assert as_ass(text) == kind


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (f"{USUAL}\nDialogue: 0,0:00:01.00,0:00:02.00,Big,Ann,1,2,3,fx,one, two", None),
        (
            "Format: Layer, Start, End, Text\nDialogue: 1,0:00:01.00,0:00:02.00,one, two",
            f"{USUAL}\nDialogue: 1,0:00:01.00,0:00:02.00,Default,,0,0,0,,one, two",
        ),
        (
            "Format: Marked, Start, End, Style, Text\nDialogue: Marked=0,0:00:01.00,0:00:02.00,Big,text\nComment: a",
            "Format: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
            "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Big,,0,0,0,,text\n"
            "Comment: a,0:00:00.00,0:00:00.00,Default,,0,0,0,,",
        ),
        ("Dialogue: 0,0:00:01.00,0:00:02.00,Big,Ann,1,2,3,fx,no format", None),
        ("[Fonts]\nDialogue: no event", None),
    ],
)
def test_events_get_the_usual_fields(given: str, made: str | None) -> None:
    assert as_ass(KIND + given) == KIND + (made or given)
