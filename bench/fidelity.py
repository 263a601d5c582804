"""Forty kinds of sources transcoded, shown and rendered: the share of results that agree with a reference.

They agree in frames, length, sync (20 ms), colour (2 of 255) and loudness (0.5 LU) with arithmetic on what was
generated, or with bare ffmpeg.
"""

from __future__ import annotations

import subprocess

from bench.fidelity_kinds import KINDS, Kind
from bench.fidelity_results import JOBS
from bench.result import Result
from tests.support.cases.case import Case
from tests.support.cases.trial import Library, Trial
from tests.support.pipeline import pipeline

WITHIN_S = 60.0


def main() -> None:
    """Run it."""
    with pipeline() as running:
        trial = Trial(running.folder, lambda work: running.attempt(work, WITHIN_S))
        library = Library(running.folder / "library")
        agreeing = [_agrees(trial, library, kind, job) for kind in KINDS for job in JOBS]
    Result("fidelity", sum(agreeing) / len(agreeing), "share", 1.0, "higher").show()


def _agrees(trial: Trial, library: Library, kind: Kind, job: str) -> bool:
    case: Case = library.get(kind.make, *kind.arguments)
    found = _differences(trial, kind, case, job)
    print(f"{kind.name}, {job}: {'; '.join(found) or 'agrees'}", flush=True)
    return not found


def _differences(trial: Trial, kind: Kind, case: Case, job: str) -> list[str]:
    """What cannot be made or measured differs."""
    try:
        return JOBS[job](trial, kind, case)
    except (AssertionError, LookupError, ValueError, subprocess.CalledProcessError) as error:
        return [f"{type(error).__name__}: {error}"]


if __name__ == "__main__":
    main()
