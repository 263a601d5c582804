"""Which of several operators acts: the rules of client-go's leader election (k8s.io/client-go/tools/leaderelection).

A Lease names its holder. Another may take it once it has seen it unchanged for the lease's duration, by its own
monotonic clock: no two machines' clocks are compared. The holder acts no more once it could not renew for
``RENEW_DEADLINE_S``, which is well before anybody else may take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEASE_S: Final = 10
RENEW_DEADLINE_S: Final = 7.0
RETRY_S: Final = 1.0


@dataclass(frozen=True)
class LeaseRecord:
    """A Lease as it was read: who holds it, for how long after a renewal, and under which version."""

    holder: str
    duration_s: float
    transitions: int
    version: str


def record_of(lease: Mapping[str, Any]) -> LeaseRecord:
    """Read a coordination.k8s.io/v1 Lease."""
    spec = lease.get("spec") or {}
    return LeaseRecord(
        holder=str(spec.get("holderIdentity") or ""),
        duration_s=float(spec.get("leaseDurationSeconds") or LEASE_S),
        transitions=int(spec.get("leaseTransitions") or 0),
        version=str(lease["metadata"].get("resourceVersion", "")),
    )


class Observed:
    """A Lease over time: for how long it has been as it is."""

    def __init__(self) -> None:
        self._version: str | None = None
        self._since = 0.0

    def unchanged_s(self, record: LeaseRecord, now: float) -> float:
        """For how many seconds the record has been seen like this; ``now`` is monotonic."""
        if record.version != self._version:
            self._version, self._since = record.version, now
        return now - self._since


def may_take(record: LeaseRecord, identity: str, unchanged_s: float) -> bool:
    """Whether ``identity`` may write itself into the Lease."""
    return record.holder in ("", identity) or unchanged_s > record.duration_s
