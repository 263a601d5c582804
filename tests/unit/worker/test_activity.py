"""Pieces of speech become windows that Whisper hears at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.speech.activity import PAUSE_S, WINDOW_S, windows
from videojobs_worker.speech.transcript import Window


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([], []),
        ([(1, 3)], [(1, 3)]),
        ([(1, 3), (4, 9)], [(1, 9)]),
        ([(1, 3), (3 + PAUSE_S + 0.1, 9)], [(1, 3), (3 + PAUSE_S + 0.1, 9)]),
        ([(0, 20), (21, 29)], [(0, 29)]),
        ([(0, 20), (21, 31)], [(0, 20), (21, 31)]),
    ],
)
def test_short_pauses_are_heard_with_the_speech(
    pieces: list[tuple[float, float]], joined: list[tuple[float, float]]
) -> None:
    assert windows(Window(*piece) for piece in pieces) == [Window(*piece) for piece in joined]


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, WINDOW_S)), max_size=30))
def test_windows_hold_all_speech_and_fit(gaps_and_lengths: list[tuple[float, float]]) -> None:
    pieces, at = [], 0.0
    for gap, length in gaps_and_lengths:
        pieces.append(Window(at + gap, at + gap + length))
        at = pieces[-1].end_s
    made = windows(pieces)
    assert all(window.end_s - window.start_s <= WINDOW_S + 1e-9 for window in made)
    assert all(before.end_s <= after.start_s for before, after in pairwise(made))
    assert all(any(w.start_s <= p.start_s and p.end_s <= w.end_s for w in made) for p in pieces)
