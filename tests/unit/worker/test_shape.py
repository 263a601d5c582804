"""What a render's scenes are brought to: the rate of slides is their own only where every scene has whole ones."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.unit.worker.builders import source, video
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition, VideoSettings
from videojobs_worker.media.render.cuts import cuts_of
from videojobs_worker.media.render.shape import Shape, shape_of

SLIDES = {"fps": 1 / 25, "duration_s": 100.0, "frames": 4}


def shape(*scenes: tuple[float, float | None], fps: float | None = None, transition: Any = None, **more: Any) -> Shape:
    film = source(duration_s=100.0, picture=video(**SLIDES))
    output = MediaOutput("file:///media/out.mp4", video=VideoSettings(fps=fps))
    work = Render(tuple(Scene(film.uri, start_s, end_s) for start_s, end_s in scenes), output, transition)
    return shape_of(output, cuts_of(work, [film] * len(scenes)), **more)


@pytest.mark.parametrize("scenes", [[(0.0, None)], [(25.0, 75.0), (0.0, 25.0)], [(0.01, 100.0)]])
def test_whole_slides_keep_their_rate(scenes: list[tuple[float, float | None]]) -> None:
    assert shape(*scenes).rate == Fraction(1, 25)


@pytest.mark.parametrize("scenes", [[(0.1, 1.1)], [(0.0, 30.0)], [(0.0, 25.0), (25.0, 26.0)], [(10.0, 35.0)]])
def test_what_begins_or_ends_within_a_slide_has_the_rate_of_images(scenes: list[tuple[float, float | None]]) -> None:
    assert shape(*scenes).rate == 25


def test_what_moves_over_slides_has_the_rate_of_images() -> None:
    assert shape((0.0, None), layers=True).rate == 25
    assert shape((0.0, None), (0.0, None), transition=Transition("fade", 1.0)).rate == 25


def test_a_rate_that_is_asked_for_is_kept() -> None:
    assert shape((0.1, 1.1), fps=10).rate == 10
