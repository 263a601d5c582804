"""Names in any bytes that Linux allows, up to 255 of them, of sources and of outputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.agreement import differences
from tests.support.cases.case import Case, plain
from tests.support.cases.names import NAMES
from tests.support.cases.trial import Library, Trial


@pytest.fixture
def named(request: pytest.FixtureRequest, library: Library, tmp_path: Path, trial: Trial) -> Path:
    """The plain film under a name."""
    path = trial.folder / os.fsdecode(NAMES[request.param])
    os.link(library.get(plain).path, path)
    return path


@pytest.mark.parametrize("named", NAMES, indirect=True)
def test_a_file_of_any_name_is_transcoded_to_one_of_any_name(trial: Trial, named: Path) -> None:
    made = trial.transcode(named, named.name).path
    assert [path.name for path in made.parent.iterdir() if path.is_file()] == [named.name]


@pytest.mark.parametrize("named", NAMES, indirect=True)
def test_a_file_of_any_name_is_rendered_and_shown(trial: Trial, library: Library, named: Path) -> None:
    case: Case = library.get(plain)
    assert differences(case.film.cut(0.1, 1.1), trial.render((named, 0.1, 1.1)).film) == []
    assert trial.preview(named).numbers == [9, 28, 46, 65]


def test_the_worker_takes_names_of_any_bytes(worker_trial: Trial, library: Library) -> None:
    path = worker_trial.folder / os.fsdecode(NAMES["latin-1"])
    path.write_bytes(library.get(plain).path.read_bytes())
    assert worker_trial.transcode(path).path.exists()
