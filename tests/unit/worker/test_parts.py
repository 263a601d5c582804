"""A timeline in parts shows what it would show in one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import source
from videojobs_worker.media.render.parts import SCENES_A_PART, parts_of
from videojobs_worker.media.render.scenes import Cut, SceneGraph, Shape, total_s

FPS = 25
SHAPE = Shape(320, 180, FPS, sound=True)
HARD = SceneGraph(SHAPE)


def fading(frames: int) -> SceneGraph:
    return SceneGraph(SHAPE, "fade", frames / FPS)


def cuts_of(lengths: list[int]) -> list[Cut]:
    return [Cut(source(), number * 100.0, frames / FPS) for number, frames in enumerate(lengths)]


@pytest.mark.parametrize(("count", "parts"), [(1, [1]), (16, [16]), (17, [16, 1]), (33, [16, 16, 1])])
def test_hard_cuts_end_a_part_anywhere(count: int, parts: list[int]) -> None:
    cuts = cuts_of([10] * count)
    found = parts_of(cuts, HARD)
    assert [len(part) for part in found] == parts
    assert [cut for part in found for cut in part] == cuts


def test_a_part_of_blends_ends_in_the_middle_of_a_scene() -> None:
    cuts = cuts_of([50] * 17)
    before, after = parts_of(cuts, fading(10))
    assert (len(before), len(after)) == (16, 2)
    assert (before[-1], after[0]) == (Cut(source(), 1500.0, 1.0), Cut(source(), 1501.0, 1.0))


def test_a_scene_hardly_longer_than_its_blends_stays_whole() -> None:
    before, after = parts_of(cuts_of([50] * 15 + [21] * 3 + [22] + [50]), fading(10))
    assert [round(cut.duration_s * FPS) for cut in before[14:]] == [50, 21, 21, 21, 11]
    assert [round(cut.duration_s * FPS) for cut in after] == [11, 50]


@given(st.lists(st.integers(12, 90), min_size=1, max_size=70), st.integers(1, 11))
def test_parts_are_the_whole(lengths: list[int], blended: int) -> None:
    cuts, graph = cuts_of(lengths), fading(blended)
    parts = parts_of(cuts, graph)
    lasts = [total_s(part, graph.overlap_s) for part in parts]
    assert sum(lasts) == pytest.approx(total_s(cuts, graph.overlap_s))
    for before, after in pairwise(parts):
        last, first = before[-1], after[0]
        assert last.start_s + last.duration_s == pytest.approx(first.start_s)
        assert min(last.duration_s, first.duration_s) * FPS > blended + 0.5
    spare = [part for part in parts if len(part) > SCENES_A_PART]
    assert all(cut.duration_s * FPS < 2 * blended + 2.5 for part in spare for cut in part[SCENES_A_PART - 1 : -1])
