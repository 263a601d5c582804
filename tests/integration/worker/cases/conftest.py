"""Files as real work brings them, through the pipeline in this process, and one of each kind through a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench
from tests.support.cases.trial import Library, Trial
from tests.support.pipeline import Pipeline, pipeline_in

#: No case takes seconds; one that never ends is a failure of its row, and not of all that come after it.
WITHIN_S = 30


def rows(*makers: Callable[..., Any], failing: Mapping[Callable[..., Any], str] | None = None) -> list[Any]:
    """Parameters of a test, one a maker; those that fail today with what happens instead."""
    failing = failing or {}
    assert set(failing) <= set(makers), "a row that fails is not among the rows"
    return [
        pytest.param(
            maker,
            id=maker.__name__,
            marks=[pytest.mark.xfail(strict=True, reason=failing[maker])] if maker in failing else [],
        )
        for maker in makers
    ]


@pytest.fixture(scope="session")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_in(tmp_path_factory.mktemp("pipeline")) as running:
        yield running


@pytest.fixture(scope="session")
def library(in_process: Pipeline) -> Library:
    return Library(in_process.folder / "library")


@pytest.fixture
def trial(in_process: Pipeline, tmp_path: Path) -> Trial:
    """The pipeline in this process."""
    return _trial(in_process, tmp_path.name)


@pytest.fixture(scope="module")
def trial_of_module(in_process: Pipeline, request: pytest.FixtureRequest) -> Trial:
    """The same, for what several tests look at."""
    return _trial(in_process, request.module.__name__.rpartition(".")[2])


def _trial(in_process: Pipeline, name: str) -> Trial:
    folder = in_process.folder / name
    folder.mkdir()
    return Trial(folder, lambda work: in_process.attempt(work, WITHIN_S))


@pytest.fixture
def worker_trial(bench: Bench, worker: object) -> Trial:
    """A Celery worker, as users start it."""
    return Trial(bench.folder, bench.run)
