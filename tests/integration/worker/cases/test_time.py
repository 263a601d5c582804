"""Clocks: what a file lasts, and when each frame is shown, is found where headers are silent or wrong."""

from __future__ import annotations

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support.agreement import differences, scene_differences
from tests.support.cases import codings, times
from tests.support.cases.case import Case, Maker, plain
from tests.support.cases.trial import Library, Trial
from tests.support.film import FPS, Film

ALL = (
    plain, times.open_groups, times.late_sound, times.late_sound_mp4, times.late_picture, times.short_sound,
    times.negative,
    times.stale_tags, times.stale_container, times.stale_fragments, times.unknown_duration, times.untold_duration,
    times.overlong_tracks, times.still_at_end_gif, times.still_at_end, times.live, times.live_matroska,
    times.flv_without_duration, times.raw_h264, times.raw_hevc, times.raw_mpeg2, times.edit_list,
    times.chapters_past_the_end, times.fragmented_television, times.wrapped, times.starting_late, times.joined,
    times.fast, times.slow, times.jittering, codings.program_stream, codings.cinema, codings.avi,
)  # fmt: skip
#: Whose rate is none that a render has.
UNEVEN = (times.still_at_end_gif, times.fast, times.slow)
#: Frames a second of the renders of others, where it is not what nearly all have.
RATES = {times.fragmented_television: 30_000 / 1001, codings.cinema: 24_000 / 1001}


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*ALL))
def test_a_transcode_keeps_every_frame_its_time_and_its_sound(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    assert differences(case.film, trial.transcode(case.path).film) == []


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*ALL))
def test_four_pictures_show_the_middles_of_four_parts(trial: Trial, library: Library, maker: Maker) -> None:
    """Of the file or, where that has more than its picture, of the picture."""
    film = library.get(maker).film
    numbers = trial.preview(library.get(maker).path).numbers
    begins_s = film.frames[0].at_s
    assert near(numbers, film, 0.0, film.ends_s) or near(numbers, film, begins_s, film.picture_ends_s - begins_s)


def near(numbers: list[int], film: Film, begins_s: float, lasts_s: float) -> bool:
    """Whether those are shown in the middles, or next to them: an encoder's priming moves a file's start."""
    middles_s = [begins_s + lasts_s * (part + 0.5) / 4 for part in range(4)]
    spread = [{film.shown_at(middle_s + off_s) for off_s in (-0.03, 0, 0.03)} for middle_s in middles_s]
    return all(number in around for number, around in zip(numbers, spread, strict=True))


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*ALL))
def test_a_scene_has_the_frames_and_the_sound_of_its_second(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    end_s = min(1.1, case.film.picture_ends_s)
    made = trial.render((case.path, 0.1, end_s)).film
    if maker in UNEVEN:
        assert scene_differences(case.film, 0.1, end_s, made) == []
    else:
        assert differences(case.film.cut(0.1, end_s, RATES.get(maker, FPS)), made) == []


@pytest.mark.ffmpeg_matrix
def test_a_scene_over_the_joint_of_two_recordings_stays_in_sync(trial: Trial, library: Library) -> None:
    """Their sounds are longer than their pictures by a part of a packet each."""
    case: Case = library.get(times.joined)
    assert differences(case.film.cut(2.1, 4.1), trial.render((case.path, 2.1, 4.1)).film) == []
