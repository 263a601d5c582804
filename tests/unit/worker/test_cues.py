"""Cues are readable and in order, whatever the engine heard."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.speech.cues import LINE_CHARACTERS, LINES, MIN_DURATION_S, Segment, cues, safe_text

SECONDS = st.floats(-5, 40_000, allow_nan=False)
SEGMENTS = st.lists(st.builds(Segment, SECONDS, SECONDS, st.text(max_size=300)), max_size=12)


@given(SEGMENTS)
def test_cues_never_overlap_and_always_last(segments: list[Segment]) -> None:
    made = cues(segments)
    assert all(cue.start_s >= 0 for cue in made)
    assert all(cue.end_s - cue.start_s > MIN_DURATION_S / 2 for cue in made)
    assert all(before.end_s <= after.start_s for before, after in pairwise(made))


@given(SEGMENTS)
def test_lines_fit_the_screen(segments: list[Segment]) -> None:
    for cue in cues(segments):
        assert 1 <= len(cue.lines) <= LINES
        assert all(0 < len(line) <= LINE_CHARACTERS for line in cue.lines)


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=60))
def test_no_word_is_lost(words: list[str]) -> None:
    made = cues([Segment(0, 9, " ".join(words))])
    assert " ".join(line for cue in made for line in cue.lines) == " ".join(words)


@given(st.text("-> \na", max_size=40))
def test_no_text_reads_as_timing(text: str) -> None:
    safe = safe_text(text)
    assert "-->" not in safe
    assert "\n" not in safe


def test_a_long_segment_is_shared_by_its_characters() -> None:
    first, second = cues([Segment(10, 20, "a" * 42 + " " + "b" * 42 + " " + "c" * 42)])
    assert first.start_s == 10
    assert second.end_s == pytest.approx(20)
    assert first.end_s - 10 == pytest.approx(2 * (20 - second.start_s), rel=0.02)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_silence_has_no_cue(text: str) -> None:
    assert cues([Segment(0, 1, text)]) == []


def test_an_overlapping_segment_starts_when_the_one_before_it_ends() -> None:
    first, second = cues([Segment(0, 4, "one"), Segment(2, 6, "two")])
    assert first.end_s == pytest.approx(4)
    assert second.start_s == first.end_s
    assert second.end_s == pytest.approx(6)
