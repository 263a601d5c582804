"""Colours look in an output as they do in its sources, and the output says how they are coded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support import filmed
from tests.support.agreement import differences
from tests.support.cases import colours
from tests.support.cases.case import Case, Maker, plain
from tests.support.cases.trial import Library, Outcome, Trial
from tests.support.film import COLOURS

#: Of 255, in the mean over eight colours.
TOLERANCE = 2.0
SDR = (
    plain, colours.bt601_525, colours.bt601_625, colours.full_range, colours.jpeg, colours.rgb_screen,
    colours.rgb_with_alpha, colours.ten_bits,
)  # fmt: skip
BT709_TAGS = ("bt709", "bt709", "bt709", "tv")


def error(made: Path, source: Path, number: int = 0) -> float:
    return filmed.colour_error(filmed.colours_seen(made, number), filmed.colours_seen(source))


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*SDR))
def test_a_transcode_keeps_colours_and_names_their_coding(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    made = trial.transcode(case.path)
    assert None not in filmed.tags(made.path)
    assert error(made.path, case.path) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("maker", rows(*SDR))
def test_a_preview_keeps_colours(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    assert error(trial.preview(case.path, 1).path, case.path) <= TOLERANCE


@dataclass(frozen=True)
class Mixed:
    """Scenes of many codings, each of ten frames, in 720p."""

    made: Outcome
    cases: list[Case]


@pytest.fixture(scope="module")
def mixed(trial_of_module: Trial, library: Library) -> Mixed:
    cases = [library.get(maker) for maker in SDR]
    scenes = [(case.path, 0.0, 0.4) for case in cases]
    return Mixed(trial_of_module.render(*scenes, width=1280, height=720, fps=25), cases)


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("number", range(len(SDR)), ids=[maker.__name__ for maker in SDR])
def test_scenes_of_one_render_all_keep_their_colours(mixed: Mixed, number: int) -> None:
    assert error(mixed.made.path, mixed.cases[number].path, 10 * number + 5) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
def test_scenes_of_one_render_have_one_coding(mixed: Mixed) -> None:
    assert filmed.tags(mixed.made.path) == BT709_TAGS


@pytest.mark.ffmpeg_matrix
def test_red_of_standard_definition_and_white_of_full_range_in_one_render(
    worker_trial: Trial, library: Library
) -> None:
    red, white = library.get(colours.red601), library.get(colours.white_full)
    made = worker_trial.render((red, 0.0, 1.0), (white, 0.0, 1.0), width=1280, height=720).path
    assert filmed.tags(made) == BT709_TAGS
    assert error(made, red, 12) <= TOLERANCE
    assert filmed.colour_error(filmed.colours(made, 37), [(255.0, 255.0, 255.0)] * 8) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
def test_red_of_standard_definition_is_seen_as_that(trial: Trial, library: Library) -> None:
    red = library.get(colours.red601)
    made = trial.render((red, 0.0, 0.4), width=1280, height=720).path
    assert filmed.colour_error(filmed.colours_seen(made), filmed.colours_seen(red)) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("matrix", colours.MATRICES)
def test_hdr_of_any_matrix_is_mapped(trial: Trial, library: Library, matrix: str) -> None:
    case: Case = library.get(colours.hdr, matrix)
    made = trial.transcode(case.path)
    assert differences(case.film, made.film) == []
    assert filmed.tags(made.path) == BT709_TAGS
    assert trial.preview(case.path).path.exists()
    assert differences(case.film.cut(0.1, 0.9), trial.render((case.path, 0.1, 0.9)).film) == []


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("job", ["transcode", "render"])
def test_hdr_of_constant_luminance_looks_as_by_the_nearest_matrix(trial: Trial, library: Library, job: str) -> None:
    """The two files have the same numbers: what the nearest matrix makes of them is what that matrix's file gives."""
    constant, usual = library.get(colours.hdr_bt2020c).path, library.get(colours.hdr, "bt2020nc").path
    if job == "transcode":
        made, other = trial.transcode(constant), trial.transcode(usual)
    else:
        made, other = trial.render((constant, 0.0, 0.4)), trial.render((usual, 0.0, 0.4))
    assert error(made.path, other.path) <= TOLERANCE
    assert "bt2020c" in made.note


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize(("maker", "arguments"), [(colours.hdr, ("bt2020nc",)), (colours.hlg, ())], ids=["PQ", "HLG"])
def test_hdr_looks_alike_in_a_film_and_in_its_preview(
    trial: Trial, library: Library, maker: Callable[..., Case], arguments: tuple[str, ...]
) -> None:
    """Its colours are more than BT.709 has: how they are cut must not hang on how a picture codes colours."""
    case: Case = library.get(maker, *arguments)
    assert error(trial.preview(case.path, 1).path, trial.transcode(case.path).path) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
def test_what_is_translucent_is_seen_before_black(trial: Trial, library: Library) -> None:
    case: Case = library.get(colours.translucent)
    seen = [(red * colours.OPAQUE, green * colours.OPAQUE, blue * colours.OPAQUE) for red, green, blue in COLOURS]
    for made in (trial.transcode(case.path), trial.preview(case.path, 1), trial.render((case.path, 0.1, 1.1))):
        assert filmed.colour_error(filmed.colours_seen(made.path), seen) <= TOLERANCE


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("name", colours.RESERVED)
def test_a_matrix_that_means_little_is_no_obstacle(trial: Trial, library: Library, name: str) -> None:
    case: Case = library.get(colours.with_matrix, name)
    assert differences(case.film, trial.transcode(case.path).film) == []
    assert trial.preview(case.path).path.exists()
    assert differences(case.film.cut(0.1, 1.1), trial.render((case.path, 0.1, 1.1)).film) == []
