"""One attempt of a VideoJob, as the message that wakes a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from videojobs_protocol import work as works
from videojobs_protocol.decoding import decode

GpuPolicy = Literal["Never", "Preferred", "Required"]


@dataclass(frozen=True)
class Attempt:
    """A try at a VideoJob. The message is a hint: it may come twice, late, or never."""

    job_uid: str
    namespace: str
    name: str
    number: int  # from 1
    work: works.Work
    gpu: GpuPolicy = "Never"
    timeout_s: float | None = None  # for how long the worker that takes it may work: its clock may differ from ours

    @property
    def task_id(self) -> str:
        """The same for every message of the same attempt, so that duplicates are seen."""
        return task_id(self.job_uid, self.number)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, the Celery task's only argument."""
        return {
            "job_uid": self.job_uid,
            "namespace": self.namespace,
            "name": self.name,
            "number": self.number,
            "work": works.to_dict(self.work),
            "gpu": self.gpu,
            "timeout_s": self.timeout_s,
        }

    @classmethod
    def from_dict(cls, data: object) -> Attempt:
        """The inverse of :meth:`to_dict`; unknown fields are ignored, so that versions can differ.

        Raises:
            ValueError: the message does not hold an attempt.
        """
        if not isinstance(data, dict):
            raise ValueError(f"not an attempt: {data!r:.80}")
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        try:
            if "work" in known:
                known["work"] = works.from_dict(known["work"])
            return decode(cls, known)
        except ValueError as error:
            raise ValueError(f"not an attempt: {error}") from error


def task_id(job_uid: str, number: int) -> str:
    """Deterministic Celery task id of an attempt."""
    return f"{job_uid}-{number}"
