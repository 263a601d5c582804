"""Outputs before anybody can see them: verified, staged, and described."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from videojobs_protocol.progress import Output
from videojobs_worker.media.plan import Expectation
from videojobs_worker.media.source import MediaInfo
from videojobs_worker.pipeline.job import Job
from videojobs_worker.probe.verification import verify
from videojobs_worker.storage.target import StagedOutput, Target


def inspect(expectations: Sequence[Expectation], targets: Sequence[Target], job: Job) -> list[StagedOutput]:
    """Verify what a plan has made. Meanwhile it is staged: neither waits for the other.

    Raises:
        JobError: as :func:`verify`, or the storage refused.
        OSError: the disk refused.
    """
    drafts = [expected.path for expected in expectations]
    with ThreadPoolExecutor(max_workers=1) as beside:
        staging = beside.submit(lambda: [_staged(*row, job) for row in zip(drafts, targets, strict=True)])
        infos = verify(expectations, [target.uri for target in targets])
        rows = zip(drafts, targets, infos, staging.result(), strict=True)
        return [_described(*row) for row in rows]


def checksum(path: Path) -> str:
    """SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _staged(draft: Path, target: Target, job: Job) -> tuple[str, str]:
    return checksum(draft), target.stage(draft, job.job_id, job.run)


def _described(draft: Path, target: Target, info: MediaInfo, staged: tuple[str, str]) -> StagedOutput:
    picture, (sha256, name) = info.video, staged
    output = Output(
        uri=target.uri,
        bytes=draft.stat().st_size,
        sha256=sha256,
        duration_s=info.duration_s if info.formats != ("image2",) else None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        video_codec=picture.codec if picture else None,
        audio_codec=info.audio.codec if info.audio else None,
    )
    return StagedOutput(target, name, output)
