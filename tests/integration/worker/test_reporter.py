"""What a worker says of a job, at its end."""

from __future__ import annotations

import json

from tests.integration.worker.conftest import Bench
from videojobs_protocol import keys
from videojobs_protocol.progress import WorkerIdentity
from videojobs_worker.pipeline.reporter import Reporter


def test_a_success_tells_every_note_once(bench: Bench) -> None:
    """As where the GPU fails, and all is planned again."""
    reporter = Reporter(bench.client, "noted", WorkerIdentity("celery@test", "", ""))
    reporter.note("left out: 1 sound stream")
    reporter.note("the GPU failed", encoder="cpu")
    reporter.note("left out: 1 sound stream")
    reporter.completed(())
    told = json.loads(bench.client.get(keys.task_status("noted")) or "{}")
    assert told["message"] == "left out: 1 sound stream; the GPU failed"
    assert told["details"]["encoder"] == "cpu"


def test_one_without_notes_counts_its_outputs(bench: Bench) -> None:
    assert (
        Reporter(bench.client, "plain", WorkerIdentity("celery@test", "", "")).completed(()).message == "0 outputs made"
    )
