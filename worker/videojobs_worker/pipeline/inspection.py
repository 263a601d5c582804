"""Outputs before anybody can see them: verified, staged, and described."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from videojobs_protocol.progress import Output
from videojobs_worker.media.plan import Expectation
from videojobs_worker.media.source import MediaInfo
from videojobs_worker.pipeline.context import JobContext
from videojobs_worker.probe.verification import verify
from videojobs_worker.process.side_by_side import side_by_side
from videojobs_worker.process.stopper import Stopper
from videojobs_worker.storage.target import Staged, StagedOutput, Target

#: So many outputs are hashed or uploaded at a time.
STAGED_AT_ONCE: Final = 8


def inspect(context: JobContext, expectations: Sequence[Expectation], targets: Sequence[Target]) -> list[StagedOutput]:
    """Verify what a plan has made. Meanwhile it is staged: neither waits for the other.

    Raises:
        JobError: as :func:`verify`, or the storage refused.
        StoppedError: it was stopped.
        OSError: the disk refused.
    """
    drafts = [expected.path for expected in expectations]
    with ThreadPoolExecutor(max_workers=1) as beside, context.stopper.part() as part:
        staging = beside.submit(stage, context, drafts, targets, part)
        infos = verify(expectations, [target.uri for target in targets], part)
        rows = zip(drafts, targets, infos, staging.result(), strict=True)
        return [_described(*row) for row in rows]


def stage(context: JobContext, drafts: Sequence[Path], targets: Sequence[Target], stopper: Stopper) -> list[Staged]:
    """Stage outputs, side by side.

    Raises:
        JobError: the storage refused.
        StoppedError: it was stopped, and is not waited for.
        OSError: the disk refused.
    """
    job = context.job
    calls = [
        partial(target.stage, draft, job.job_id, job.run, stopper)
        for draft, target in zip(drafts, targets, strict=True)
    ]
    return side_by_side(calls, stopper, STAGED_AT_ONCE)


def _described(draft: Path, target: Target, info: MediaInfo, staged: Staged) -> StagedOutput:
    picture = info.video
    output = Output(
        uri=target.uri,
        bytes=draft.stat().st_size,
        sha256=staged.sha256,
        duration_s=info.duration_s if info.formats != ("image2",) else None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        video_codec=picture.codec if picture else None,
        audio_codec=info.audio.codec if info.audio else None,
    )
    return StagedOutput(target, staged.name, output)
