"""Cut off, damaged, or only unusual: an error where something is missing, a note where little is wrong."""

from __future__ import annotations

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.integration.worker.cases.test_streams import JOBS
from tests.support.agreement import differences
from tests.support.cases import damaged, times
from tests.support.cases.case import Case, Maker
from tests.support.cases.trial import Library, Trial

CUT_OFF = (
    damaged.truncated, damaged.without_index, damaged.truncated_matroska, damaged.truncated_fragment,
)  # fmt: skip
LYING = (
    times.stale_tags, times.stale_container, times.stale_fragments, times.overlong_tracks,
)  # fmt: skip
#: Words that have no place in a message about a bad file.
NEVER = ("report", "give user", "No such file")


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*CUT_OFF))
def test_a_transcode_of_what_is_cut_off_fails_as_that(trial: Trial, library: Library, maker: Maker) -> None:
    failure = trial.transcode(library.get(maker).path).failure
    assert failure.reason == "SourceTruncated"
    assert not failure.retryable
    assert not any(word in failure.message for word in NEVER)


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*CUT_OFF))
def test_a_preview_of_what_is_cut_off_shows_what_is_there_or_fails_as_that(
    trial: Trial, library: Library, maker: Maker
) -> None:
    case: Case = library.get(maker)
    made = trial.preview(case.path)
    if made.status.failure:
        assert made.failure.reason == "SourceTruncated"
        assert not any(word in made.failure.message for word in NEVER)
    else:
        assert len(set(made.numbers)) == 4
        assert sorted(made.numbers) == made.numbers


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(damaged.truncated, damaged.truncated_matroska, damaged.truncated_fragment))
def test_a_scene_before_the_cut_is_rendered(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    assert differences(case.film.cut(0.1, 1.1), trial.render((case.path, 0.1, 1.1)).film) == []


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(damaged.truncated, damaged.truncated_matroska, damaged.truncated_fragment))
def test_a_scene_past_the_cut_fails_as_cut_off(trial: Trial, library: Library, maker: Maker) -> None:
    failure = trial.render((library.get(maker).path, 0.1, 2.9)).failure
    assert failure.reason == "SourceTruncated"
    assert not any(word in failure.message for word in NEVER)


@pytest.mark.ffmpeg_matrix
def test_a_recording_that_was_stopped_is_what_it_is(trial: Trial, library: Library) -> None:
    """A transport stream promises nothing, so nothing is missing; of the last frames some refer to what never came."""
    case: Case = library.get(damaged.stopped_stream)
    numbers = [frame.number for frame in trial.transcode(case.path).film.frames]
    assert numbers[:-3] == list(range(len(numbers) - 3))
    assert sorted(set(numbers)) == numbers
    assert 40 <= len(numbers) <= 55


ONE_LESS = "a frame after the damaged one is lost"


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*LYING))
def test_a_header_that_lies_is_noted(trial: Trial, library: Library, maker: Maker) -> None:
    made = trial.transcode(library.get(maker).path)
    assert made.path.exists()
    assert "3.0" in made.note, "how long it is"


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize(
    "maker",
    rows(
        damaged.one_damaged_of_ten,
        damaged.one_damaged_of_thirty,
        failing={damaged.one_damaged_of_ten: ONE_LESS},
    ),
)
def test_one_damaged_frame_is_noted(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    made = trial.transcode(case.path)
    assert len(made.film.frames) == len(case.film.frames)
    assert "damaged" in made.note


@pytest.mark.ffmpeg_matrix
def test_the_worker_fails_where_most_is_damaged(worker_trial: Trial, library: Library) -> None:
    failure = worker_trial.transcode(library.get(damaged.most_damaged).path).failure
    assert failure.reason == "SourceCorrupt"


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("job", JOBS)
def test_nothing_is_no_media(trial: Trial, library: Library, job: str) -> None:
    assert JOBS[job](trial, library.get(damaged.empty).path).failure.reason == "SourceNotMedia"


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(damaged.wrong_ending, damaged.leading_rubbish))
def test_what_players_take_is_taken(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    assert differences(case.film, trial.transcode(case.path).film) == []
    assert differences(case.film.cut(0.1, 1.1), trial.render((case.path, 0.1, 1.1)).film) == []
