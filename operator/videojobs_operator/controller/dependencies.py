"""What a reconcile reaches: one value instead of eight arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from videojobs_operator.clients.broker import Broker
from videojobs_operator.clients.kubernetes import Kubernetes, Object
from videojobs_operator.clients.redis import Redis
from videojobs_operator.controller.event_recorder import EventRecorder
from videojobs_operator.controller.status_writer import StatusWriter
from videojobs_operator.controller.withdrawals import Withdrawals
from videojobs_operator.controller.worker_lister import WorkerLister
from videojobs_operator.informer.store import Store
from videojobs_operator.settings import Settings
from videojobs_operator.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Dependencies:
    """The clients, the store and the figures.

    ``wake_pools`` has all pools looked at soon, ``wake_batch`` the batch that a VideoJob is of.
    """

    settings: Settings
    api: Kubernetes
    redis: Redis
    broker: Broker
    store: Store
    writer: StatusWriter
    lister: WorkerLister
    withdrawals: Withdrawals
    events: EventRecorder
    metrics: Metrics
    wake_pools: Callable[[], None]
    wake_batch: Callable[[Object], None]
