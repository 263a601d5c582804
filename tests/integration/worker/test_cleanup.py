"""Which jobs live is asked of Redis, by the claims that workers hold, and their scratch folders tell whose they are."""

from __future__ import annotations

import time
from pathlib import Path

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.claims import Claim, Claims
from videojobs_protocol.work import MediaOutput, Transcode
from videojobs_worker.cleanup import live_jobs


def test_jobs_with_a_claim_live(redis_server: RedisServer) -> None:
    client = redis_server.client()
    client.delete(*client.scan_iter("videojobs:claim:*"), "none")
    held, released = Claim("held-job", "task", 1, "worker"), Claim("released", "task-2", 1, "worker")
    claims = Claims(client)
    for claim in (held, released):
        claims.acquire(claim, time.time())
    claims.release(released)
    assert live_jobs(client) == {"held-job"}
    claims.release(held)
    assert live_jobs(client) == set()
    client.close()


def test_a_running_jobs_scratch_bears_its_id(worker: CeleryWorker, bench: Bench, sources: Path) -> None:
    work = Transcode(f"file://{sources}/long.mp4", (MediaOutput(bench.uri("out.mp4")),))
    attempt = bench.send(work)
    folder = Path(bench.environment["TEMP_DIR"])
    eventually(lambda: list(folder.glob(f"job-{attempt.job_uid}-*")))
    assert attempt.job_uid in live_jobs(bench.client)
    bench.client.set(keys.cancel(attempt.task_id), 1)
    assert bench.until_final(attempt.task_id).status == "failed"
    assert not list(folder.glob(f"job-{attempt.job_uid}-*"))
