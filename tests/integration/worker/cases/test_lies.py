"""Headers that lie: a job ends soon, as what the file is, and never as a fault of the worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.worker.cases.test_streams import JOBS
from tests.support.cases import lies
from tests.support.cases.trial import Library, Trial

#: What says that the worker, and not the file, is at fault; or that only a watchdog ended it.
NEVER = ("InternalError", "EncoderFailed", "OutputInvalid", "StorageFailed", "RunStalled", "RunawayOutput")


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("maker", lies.LIES, ids=[maker.__name__ for maker in lies.LIES])
def test_a_header_that_lies_is_no_fault_of_the_worker(
    trial: Trial, library: Library, maker: Callable[[Path], Path], job: str
) -> None:
    failure = JOBS[job](trial, library.get(maker)).status.failure
    assert failure is None or failure.reason not in NEVER, failure.message


@pytest.mark.parametrize("job", JOBS)
def test_a_clock_that_the_sound_contradicts_is_refused(trial: Trial, library: Library, job: str) -> None:
    failure = JOBS[job](trial, library.get(lies.one_tick_a_second)).failure
    assert failure.reason == "SourceCorrupt"
    assert "timestamps" in failure.message


def test_slides_are_rendered_a_frame_each(trial: Trial, library: Library) -> None:
    made = trial.render((library.get(lies.long_delays), 0.0, None)).film
    assert [frame.number for frame in made.frames] == list(range(10))
    assert made.ends_s == pytest.approx(6553.5, abs=0.1)
