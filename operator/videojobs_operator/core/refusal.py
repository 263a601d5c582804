"""What becomes of a VideoJob whose status the API server does not take."""

from __future__ import annotations

from datetime import datetime

from videojobs_operator.core.decision import Decision
from videojobs_operator.core.draft import Draft
from videojobs_operator.core.effects import Cancel, Emit
from videojobs_operator.core.job import Job
from videojobs_protocol.progress import Failure


def give_up(job: Job, refusal: str, now: datetime) -> Decision:
    """End it, in words that are taken: the same status would be refused for ever, and the job never end."""
    draft, current = Draft(job, now), job.status.get("taskID")
    text = f"what became of the job cannot be told: {refusal}"
    draft.fail(Failure("InternalError", text, retryable=False))
    cancels = (Cancel(current, job.status.get("queue", {}).get("name", "")),) if current else ()
    return draft.decision(before=cancels, after=(Emit("Warning", "Failed", f"InternalError: {text}"),))
