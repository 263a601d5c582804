"""Outputs before anybody can see them: verified, written through to the disk, and described."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from videojobs_protocol.progress import Output
from videojobs_worker.media.plan import Expectation
from videojobs_worker.media.probe import MediaInfo
from videojobs_worker.media.verification import verify
from videojobs_worker.storage.files import file_uri
from videojobs_worker.storage.manifest import StagedOutput, settle


def inspect(expectations: Sequence[Expectation], finals: Sequence[Path]) -> list[StagedOutput]:
    """Verify what a plan has made. Meanwhile the disk writes: neither waits for the other.

    Raises:
        JobError: as :func:`verify`.
        OSError: the disk refused.
    """
    staged = [expected.path for expected in expectations]
    with ThreadPoolExecutor(max_workers=1) as beside:
        checksums = beside.submit(lambda: [settle(path) for path in staged])
        infos = verify(expectations, [file_uri(final) for final in finals])
        rows = zip(staged, finals, infos, checksums.result(), strict=True)
        return [_described(*row) for row in rows]


def _described(staged: Path, final: Path, info: MediaInfo, checksum: str) -> StagedOutput:
    picture = info.video
    output = Output(
        uri=file_uri(final),
        bytes=staged.stat().st_size,
        sha256=checksum,
        duration_s=info.duration_s if info.formats != ("image2",) else None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        video_codec=picture.codec if picture else None,
        audio_codec=info.audio.codec if info.audio else None,
    )
    return StagedOutput(staged, final, output)
