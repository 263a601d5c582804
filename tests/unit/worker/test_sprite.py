"""A sprite sheet holds every picture once, and its track says where and when."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_protocol.work import Sprite
from videojobs_worker.errors import JobError
from videojobs_worker.media.preview.sprite import MAX_SIDE, sheet_of, spans, track


@given(st.integers(1, 400), st.integers(1, 40))
def test_every_picture_has_a_place_of_its_own_within_the_sheet(count: int, columns: int) -> None:
    sheet = sheet_of(Sprite(columns, 32), count, (1280, 720))
    places = [tuple(map(int, re.findall(r"\d+", sheet.place(number)))) for number in range(count)]
    assert len(set(places)) == count
    assert all(x + width <= sheet.size[0] and y + height <= sheet.size[1] for x, y, width, height in places)
    assert sheet.rows == -(-count // min(columns, count))


def test_pictures_keep_their_aspect_with_even_sides() -> None:
    assert sheet_of(Sprite(10, 160), 6, (1280, 720)).size == (960, 90)
    assert sheet_of(Sprite(4, 160), 6, (606, 1080)).size == (640, 2 * 286)


def test_a_sheet_that_players_cannot_show_is_refused() -> None:
    with pytest.raises(JobError, match="take fewer frames") as error:
        sheet_of(Sprite(1, 320), 1000, (1280, 720))
    assert error.value.reason == "InvalidOutput"
    assert max(sheet_of(Sprite(32, 320), 1000, (1280, 720)).size) <= MAX_SIDE


def test_a_track_is_webvtt_in_order() -> None:
    sheet = sheet_of(Sprite(2, 160), 3, (1280, 720))
    text = track(sheet, *spans([7.0, 0.0, 2.5], 10.0, even=False))
    assert text == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:02.500\nsprite.jpg#xywh=160,0,160,90\n\n"
        "00:00:02.500 --> 00:00:07.000\nsprite.jpg#xywh=0,90,160,90\n\n"
        "00:00:07.000 --> 00:00:10.000\nsprite.jpg#xywh=0,0,160,90\n"
    )


def test_evenly_spread_pictures_share_the_whole() -> None:
    assert spans([1.25, 3.75, 6.25, 8.75], 10.0, even=True) == ([0.0, 2.5, 5.0, 7.5], [2.5, 5.0, 7.5, 10.0])


def test_a_time_asked_for_twice_is_shown_twice() -> None:
    assert spans([2.0, 2.0], 5.0, even=False) == ([2.0, 2.0], [5.0, 5.0])
