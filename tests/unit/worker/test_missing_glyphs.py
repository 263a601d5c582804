"""Characters that no font has are named; those that nothing is drawn for are not."""

from __future__ import annotations

import pytest

from videojobs_worker.pipeline.missing_glyphs import MissingGlyphs

LINE = (
    "[Parsed_ass_0 @ 0x55] [warning] fontselect: failed to find any fallback with glyph 0x%X for font: (Arial, 400, 0)"
)


@pytest.mark.parametrize(
    ("characters", "note"),
    [
        ("", ""),
        ("\u1800", "\u1800 (U+1800)"),
        ("\u1800\u1800\u1801", "\u1800 (U+1800), \u1801 (U+1801)"),
        ("\ufe0f\u200d\n", ""),
    ],
)  # fmt: skip
def test_a_note_names_each_once(characters: str, note: str) -> None:
    found = MissingGlyphs()
    for character in characters:
        found.hear(LINE % ord(character))
    found.hear("[h264 @ 0x55] [warning] nothing of this kind")
    assert found.note == (f"no font of the worker has {note}: a box or nothing is drawn instead" if note else "")


def test_of_many_the_first_are_named() -> None:
    found = MissingGlyphs()
    for number in range(7):
        found.hear(LINE % (0x1800 + number))
    assert "(U+1804) and 2 more" in found.note
