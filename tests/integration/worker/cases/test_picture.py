"""Pictures of unusual shape, size and order."""

from __future__ import annotations

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support import filmed
from tests.support.agreement import differences
from tests.support.cases import pictures
from tests.support.cases.case import Case, Maker
from tests.support.cases.trial import Library, Trial
from tests.support.film import COLOURS

pytestmark = pytest.mark.ffmpeg_matrix


def shape(made: object) -> tuple[int, int, str]:
    """Size in pixels, and a pixel's shape."""
    stream = filmed.stream_of(made)  # type: ignore[arg-type]
    return stream["width"], stream["height"], stream.get("sample_aspect_ratio", "1:1")


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_picture_is_upright(trial: Trial, library: Library, degrees: int) -> None:
    case: Case = library.get(pictures.turned, degrees)
    assert differences(case.film, trial.transcode(case.path).film) == []
    assert differences(case.film.cut(0.1, 1.1), trial.render((case.path, 0.1, 1.1)).film) == []
    assert trial.preview(case.path).numbers == [9, 28, 46, 65]


def test_pixels_of_another_shape_turned_are_shown_without_bars(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.anamorphic_turned)
    for made in (trial.transcode(case.path, codec="h264"), trial.render((case.path, 0.1, 1.1))):
        assert shape(made.path) == (108, 192, "1:1")
        assert filmed.colour_error(filmed.colours(made.path), COLOURS) <= 2.0
    assert trial.preview(case.path).numbers == [9, 28, 46, 65]


def test_pixels_of_another_shape_become_square(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.anamorphic)
    made = trial.transcode(case.path, codec="h264")
    assert shape(made.path) == (1024, 576, "1:1")
    assert differences(case.film, made.film) == []


@pytest.mark.parametrize("maker", rows(pictures.tall, pictures.wide))
def test_a_size_that_nothing_can_show_is_refused_before_ffmpeg_starts(
    trial: Trial, library: Library, maker: Maker
) -> None:
    failure = trial.transcode(library.get(maker).path).failure
    assert failure.reason == "InvalidOutput"
    assert "180" in failure.message
    assert "ffmpeg" not in failure.message
    assert failure.log_tail == ""


def test_odd_sides_become_even(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.odd_size)
    made = trial.transcode(case.path, codec="h264")
    assert shape(made.path) == (852, 480, "1:1")
    assert differences(case.film, made.film) == []


@pytest.mark.parametrize("video", [{"height": 180}, {"codec": "h264"}], ids=["180 lines", "the source's size"])
def test_a_size_that_changes_midway_becomes_one(trial: Trial, library: Library, video: dict[str, object]) -> None:
    case: Case = library.get(pictures.resolution_change)
    made = trial.transcode(case.path, **video)
    assert filmed.sizes(made.path) == {(320, 180)}
    assert differences(case.film, made.film) == []


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_size_that_changes_midway_is_not_copied(trial: Trial, library: Library, name: str) -> None:
    failure = trial.transcode(library.get(pictures.resolution_change).path, name, codec="copy").failure
    assert failure.reason == "InvalidOutput"
    assert "size" in failure.message
    assert "choose a codec" in failure.message


def test_previews_of_a_size_that_changes_midway_have_one(worker_trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.resolution_change)
    made = worker_trial.preview(case.path)
    assert made.numbers == [15, 46, 3, 34]
    assert {size for path in made.paths for size in filmed.sizes(path)} == {(320, 180)}


def test_scenes_of_a_size_that_changes_midway_have_one(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.resolution_change)
    made = trial.render((case.path, 0.1, 1.1), (case.path, 2.5, 3.5), (case.path, 3.5, 4.5))
    assert filmed.sizes(made.path) == {(320, 180)}
    assert [frame.number for frame in made.film.frames] == [*range(2, 27), *range(62, 75), *range(12), *range(12, 37)]


def test_scenes_of_open_groups_show_the_frames_asked_for(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.open_groups)
    made = trial.render((case.path, 1.3, 3.3), (case.path, 2.5, 4.7)).film
    assert [frame.number for frame in made.frames] == [*range(32, 82), *range(62, 117)]
    assert made.beeps_s == pytest.approx([0.12, 1.12, 2.94, 3.94], abs=0.02)


def test_fields_become_frames_of_their_own(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.interlaced)
    assert differences(case.film, trial.transcode(case.path).film) == []
    assert differences(case.film.cut(0.1, 1.1, 50), trial.render((case.path, 0.1, 1.1)).film) == []


def test_a_single_frame_is_a_film(trial: Trial, library: Library) -> None:
    case: Case = library.get(pictures.one_frame)
    assert [frame.number for frame in trial.transcode(case.path).film.frames] == [0]
    assert trial.preview(case.path, 1).numbers == [0]
