"""The three jobs of a source, and what their results show and play otherwise than they should, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench import fidelity_reference as reference
from bench.fidelity_kinds import Kind
from tests.support import filmed, measure
from tests.support.agreement import differences, scene_differences
from tests.support.cases.case import Case
from tests.support.cases.trial import Trial
from tests.support.colorimetry import Triple
from tests.support.film import Film

#: Of 255, in the mean over eight colours.
COLOUR_TOLERANCE: Final = 2.0
#: What documentation promises of loudness that is asked for.
LOUDNESS_TOLERANCE_LU: Final = 0.5
PICTURES: Final = 4


def transcode(trial: Trial, kind: Kind, case: Case) -> list[str]:
    """To H.264 of 180 lines."""
    path = trial.transcode(case.path).path
    return [
        *differences(reference.whole(kind, case.film), filmed.read(path)),
        *_colours([path], reference.seen(kind, case)),
        *_loudness(path, reference.loudness_lufs(kind, case.film)),
    ]


def preview(trial: Trial, kind: Kind, case: Case) -> list[str]:
    """Pictures of given times."""
    moments_s, late_s = reference.moments_s(kind, case.film, PICTURES), reference.late_s(case)
    made = trial.pictures_at(case.path, [round(moment_s + late_s, 3) for moment_s in moments_s])
    wanted = [case.film.shown_at(moment_s) for moment_s in moments_s]
    shown = made.numbers
    found = [] if shown == wanted else [f"frames {shown}, not {wanted}"]
    return [*found, *_colours(made.paths, reference.seen(kind, case))]


def render(trial: Trial, kind: Kind, case: Case) -> list[str]:
    """One scene of it."""
    scene_s = kind.scene_of(case.film)
    path = trial.render((case.path, *scene_s)).path
    made = filmed.read(path)
    return [
        *_scene(kind, case.film, scene_s, made),
        *_colours([path], reference.seen(kind, case)),
        *_loudness(path, reference.loudness_lufs(kind, case.film, scene_s)),
    ]


JOBS: Final[dict[str, Callable[[Trial, Kind, Case], list[str]]]] = {
    "transcode": transcode,
    "preview": preview,
    "render": render,
}


def _scene(kind: Kind, film: Film, scene_s: tuple[float, float], made: Film) -> list[str]:
    if kind.uneven:
        return scene_differences(film, *scene_s, made)
    return differences(film.cut(*scene_s, kind.fps), made)


def _colours(paths: Sequence[Path], wanted: Sequence[Triple]) -> list[str]:
    """Those of each picture, or of a film's first frame."""
    errors = [filmed.colour_error(filmed.colours_seen(path), wanted) for path in paths]
    if max(errors) <= COLOUR_TOLERANCE:
        return []
    shown = filmed.colours_seen(paths[errors.index(max(errors))])
    return [f"colours {max(errors):.1f} of 255 off: {_rounded(shown)}, not {_rounded(wanted)}"]


def _rounded(colours: Sequence[Triple]) -> list[tuple[int, ...]]:
    return [tuple(round(value) for value in colour) for colour in colours]


def _loudness(path: Path, wanted_lufs: float | None) -> list[str]:
    has_sound = "audio" in measure.probe(path)
    if wanted_lufs is None or not has_sound:
        return [] if (wanted_lufs is not None) == has_sound else [f"sound: {has_sound}, not {not has_sound}"]
    is_lufs = measure.loudness_lufs(path)
    if abs(is_lufs - wanted_lufs) <= LOUDNESS_TOLERANCE_LU:
        return []
    return [f"loudness {is_lufs:.1f} LUFS, not {wanted_lufs:.1f} LUFS"]
