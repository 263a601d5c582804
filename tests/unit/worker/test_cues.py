"""Cues are readable and in order, whatever the engine heard."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.speech.cues import (
    CHARACTERS_A_SECOND,
    LINE_CHARACTERS,
    LINES,
    MAX_DURATION_S,
    MIN_DURATION_S,
    PAUSE_S,
    cues,
    safe_text,
)
from videojobs_worker.speech.transcript import Word, shared_out

SECONDS = st.floats(-5, 40_000, allow_nan=False)
WORDS = st.lists(st.builds(Word, SECONDS, SECONDS, st.text(max_size=100)), max_size=40)


def spoken(text: str, start_s: float = 0.0, each_s: float = 0.4) -> list[Word]:
    """A sentence spoken at an even pace."""
    return [Word(start_s + n * each_s, start_s + (n + 1) * each_s, f" {word}") for n, word in enumerate(text.split())]


@given(WORDS)
def test_cues_never_overlap_and_always_last(words: list[Word]) -> None:
    made = cues(words)
    assert all(cue.start_s >= 0 for cue in made)
    assert all(cue.end_s - cue.start_s > MIN_DURATION_S / 2 for cue in made)
    assert all(before.end_s <= after.start_s for before, after in pairwise(made))


@given(WORDS)
def test_lines_fit_the_screen(words: list[Word]) -> None:
    for cue in cues(words):
        assert 1 <= len(cue.lines) <= LINES
        assert all(0 < len(line) <= LINE_CHARACTERS for line in cue.lines)


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=60))
def test_no_word_is_lost(words: list[str]) -> None:
    made = cues(spoken(" ".join(words)))
    assert " ".join(line for cue in made for line in cue.lines) == " ".join(words)
    assert [word.text.strip() for cue in made for word in cue.words] == words


@given(st.text("-> \na", max_size=40))
def test_no_text_reads_as_timing(text: str) -> None:
    safe = safe_text(text)
    assert "-->" not in safe
    assert "\n" not in safe


def test_times_are_those_of_the_words() -> None:
    (cue,) = cues(spoken("where the river bends", 12.0))
    assert (cue.start_s, cue.end_s) == (12.0, pytest.approx(13.6))


def test_a_pause_ends_a_cue() -> None:
    first, second = cues([*spoken("wait here"), *spoken("now go", 0.8 + PAUSE_S + 0.1)])
    assert (first.lines, second.lines) == (("wait here",), ("now go",))
    assert second.start_s == pytest.approx(0.8 + PAUSE_S + 0.1)


def test_a_sentence_ends_a_cue_that_is_long_enough() -> None:
    made = cues(spoken("this is a sentence that is somewhat longer than one line. and this is the next", 0.0, 0.2))
    assert [cue.lines[-1].split()[-1] for cue in made] == ["line.", "next"]


def test_slow_speech_is_cut_before_it_stands_too_long() -> None:
    made = cues(spoken("one two three four five six seven eight", 0.0, 2.0))
    assert all(cue.end_s - cue.start_s <= MAX_DURATION_S for cue in made)


def test_fast_speech_stays_until_it_can_be_read() -> None:
    text = "faster than anybody can read it"
    first, _ = cues([*spoken(text, 0.0, 0.05), *spoken("much later", 30.0)])
    assert first.end_s == pytest.approx(len(text) / CHARACTERS_A_SECOND)


def test_but_not_over_the_next_one() -> None:
    first, second = cues([*spoken("faster than anybody can read it", 0.0, 0.05), *spoken("and on", 1.2)])
    assert first.end_s == second.start_s == 1.2


def test_a_word_of_many_lines_is_cut() -> None:
    made = cues([Word(0, 10, " " + "a" * 200)])
    assert "".join(line for cue in made for line in cue.lines) == "a" * 200
    assert made[-1].end_s == pytest.approx(10)


def test_a_language_without_spaces_is_joined_without() -> None:
    (cue,) = cues([Word(0, 1, "你"), Word(1, 2, "好")])
    assert cue.lines == ("你好",)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_silence_has_no_cue(text: str) -> None:
    assert cues([Word(0, 1, text)]) == []


def test_words_without_times_share_their_segments() -> None:
    assert shared_out(10, 20, " aaaa bbbbbb ") == (Word(10, 14, " aaaa"), Word(14, 20, " bbbbbb"))
    assert shared_out(0, 1, "  ") == ()
