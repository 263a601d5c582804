"""A step is not run again where the same run has made the same files before; whatever differs, it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from videojobs_worker.media.plan import Step
from videojobs_worker.media.source import MediaInfo, Source
from videojobs_worker.pipeline.finished_steps import FinishedSteps, StepResult

SOURCE = Source("file:///a.mp4", Path("/a.mp4"), MediaInfo((), None, 1, None, None), identity="1 2 3")
RESULT = StepResult(frames=100, damaged=1, damage="a damaged frame")


def steps(source: Source = SOURCE, argument: str = "-crf 23") -> list[Step]:
    part = Step(("ffmpeg", argument), 4.0, sources=(source,), reads=("list.txt",), writes=("part.mp4",))
    second = Step(("ffmpeg",), 4.0, reads=("part.mp4",), writes=("joined.mp4",))
    return [part, second, Step(("ffmpeg",), 4.0, reads=("joined.mp4",))]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where an attempt has finished all steps."""
    for name in ("list.txt", "part.mp4", "joined.mp4"):
        (tmp_path / name).write_text(name)
    finished = FinishedSteps(tmp_path, steps())
    for number in range(3):
        finished.add(number, RESULT)
    return tmp_path


def found(scratch: Path, plan: Sequence[Step]) -> list[StepResult | None]:
    finished = FinishedSteps(scratch, plan)
    return [finished.find(number) for number in range(len(plan))]


def test_the_same_steps_are_found_with_their_results_but_for_those_that_make_outputs(scratch: Path) -> None:
    assert found(scratch, steps()) == [RESULT, RESULT, None]


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda folder: (folder / "part.mp4").unlink(), [None, RESULT, None]),
        (lambda folder: (folder / "part.mp4").write_text("cut"), [None, RESULT, None]),
        (lambda folder: touch(folder / "joined.mp4"), [RESULT, None, None]),
        (lambda folder: (folder / "list.txt").write_text("another list"), [None, None, None]),
        (lambda folder: [each.write_text("{") for each in folder.glob("finished-*")], [None, None, None]),
    ],
)
def test_files_that_differ_are_made_again(
    scratch: Path, change: Callable[[Path], object], left: list[StepResult | None]
) -> None:
    change(scratch)
    assert found(scratch, steps()) == left


@pytest.mark.parametrize(
    "plan",
    [
        steps(source=replace(SOURCE, identity="1 2 4")),
        steps(source=replace(SOURCE, identity="")),
        steps(argument="-crf 24"),
    ],
)
def test_another_source_or_argument_is_another_step_and_so_are_those_behind_it(scratch: Path, plan: list[Step]) -> None:
    assert found(scratch, plan) == [None, None, None]


def test_the_logs_of_two_passes_begin_with_the_name_that_is_given(tmp_path: Path) -> None:
    plan = [Step(("ffmpeg",), 4.0, sources=(SOURCE,), writes=("statistics-0",))]
    for name in ("statistics-0-0.log", "statistics-0-0.log.mbtree"):
        (tmp_path / name).write_text(name)
    FinishedSteps(tmp_path, plan).add(0, RESULT)
    assert found(tmp_path, plan) == [RESULT]
    (tmp_path / "statistics-0-0.log.mbtree").unlink()
    assert found(tmp_path, plan) == [None]
