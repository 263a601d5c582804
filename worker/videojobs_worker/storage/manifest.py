"""Commit: outputs become visible through one create-only record, so that an attempt commits once or never.

Outputs are staged under hidden names. Then the manifest ``.videojobs/<job id>.json`` in the folder of the first output
is created, which fails if it exists: whoever creates it has committed. Only then are the outputs published; whoever
finds a manifest finishes that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Final

from videojobs_protocol.progress import Output
from videojobs_worker.errors import JobError
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.target import Record, StagedOutput, Target

#: A run that has lost its claim has stopped long before. One that was frozen right before its commit may wake later
#: than that: its drafts stay for so long, and whoever makes the manifest first has committed.
ABANDONED_S: Final = 120.0
#: Of the outputs of one job: S3 takes tens of milliseconds for each, however small it is.
PUBLISHED_AT_ONCE: Final = 8


def commit(job_id: str, number: int, staged: Sequence[StagedOutput]) -> tuple[Output, ...]:
    """Make the outputs visible, or adopt what another attempt has committed.

    Returns:
        the outputs that the manifest holds, which need not be these.

    Raises:
        OSError, JobError: the storage refused; nothing is visible then, unless the manifest was made.
    """
    targets = [item.target for item in staged]
    outputs = [{"staged": item.staged, "final": item.target.name, **asdict(item.output)} for item in staged]
    record = {"version": 1, "job_id": job_id, "attempt": number, "outputs": outputs}
    targets[0].folder.record(job_id).create(record)
    committed = adopt(job_id, targets)
    assert committed is not None  # noqa: S101 - there is one now
    return committed


def adopt(job_id: str, targets: Sequence[Target]) -> tuple[Output, ...] | None:
    """Finish the commit that a manifest tells of, and return its outputs; safe to repeat. None where there is none.

    Args:
        targets: the job's own. The manifest lies where users write, so that one that names others is not followed.

    Raises:
        JobError: ManifestInvalid; OutputsGone where an output was taken away after its commit.
    """
    record = targets[0].folder.record(job_id)
    if (text := record.read()) is None:
        return None
    entries = _entries(record, text, job_id, targets)
    side_by_side([partial(_publish, *entry) for entry in entries], Stopper(), PUBLISHED_AT_ONCE)
    return tuple(output for _, _, output in entries)


def _publish(target: Target, staged: str, output: Output) -> None:
    if not target.publish(staged):
        text = f"{output.uri} was committed by an earlier attempt and has been removed since: make a new job"
        raise JobError("OutputsGone", text)


def tidy(job_id: str, run: str, targets: Sequence[Target]) -> None:
    """Remove what a run leaves unfinished, and no other's: another may be at work by now.

    What the manifest names stays: the run has committed, and the next one finishes that.
    """
    text = targets[0].folder.record(job_id).read()
    if text is None or run not in text:
        discard(job_id, targets, run=run)


def discard(job_id: str, targets: Iterable[Target], *, run: str = "", idle_s: float = 0.0) -> None:
    """Remove drafts of a job: of all its runs or one, and only those that nobody has written to for ``idle_s``."""
    latest = time.time() - idle_s if idle_s else float("inf")
    for folder in {target.folder for target in targets}:
        for draft in folder.drafts(job_id):
            if run in ("", draft.run) and draft.modified <= latest:
                folder.remove(draft)


def _entries(record: Record, text: str, job_id: str, targets: Sequence[Target]) -> list[tuple[Target, str, Output]]:
    try:
        found = [(entry.pop("staged"), entry.pop("final"), Output(**entry)) for entry in json.loads(text)["outputs"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JobError("ManifestInvalid", f"{record} cannot be read ({error}): remove it and try again") from error
    own = [name for _, name, _ in found] == [target.name for target in targets]
    rows = list(zip(targets, found, strict=False))
    if not own or not all(isinstance(row[0], str) and target.owns(row[0], job_id) for target, row in rows):
        raise JobError("ManifestInvalid", f"{record} names files that are not this job's outputs: remove it")
    return [(target, staged, output) for target, (staged, _, output) in rows]
