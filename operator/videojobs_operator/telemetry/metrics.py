"""The operator's figures, for Prometheus. Few labels with few values: never an object's name.

One instance a process, built in ``__main__`` and handed down, with a registry of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

POOL_STATES = ("desired", "ready", "busy")
_FAST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """All metrics of the operator."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.api_requests = self._counter("api_requests", "Writes to the API server.", "verb", "resource", "code")
        self.reconciles = self._counter("reconciles", "Reconciles by kind and outcome.", "kind", "outcome")
        self.reconcile_seconds = Histogram(
            "videojobs_reconcile_seconds", "Time of a reconcile.", ["kind"], buckets=_FAST_S, registry=self.registry
        )
        self.queue_lag_seconds = Histogram(
            "videojobs_reconcile_lag_seconds",
            "Time from when an object was due to when its reconcile began, by lane.",
            ["lane"],
            buckets=_FAST_S,
            registry=self.registry,
        )
        self.dispatch_seconds = Histogram(
            "videojobs_dispatch_seconds",
            "Time to publish an attempt to the broker.",
            buckets=_FAST_S,
            registry=self.registry,
        )
        self.published = self._counter("attempts_published", "Attempts published, by queue.", "queue")
        self.redis_errors = self._counter("redis_errors", "Requests to Redis that failed.", "operation")
        self.work_queue_depth = self._gauge("work_queue_depth", "Objects that wait for a reconcile, by lane.", "lane")
        self.redis_up = self._gauge("redis_up", "1 when Redis answered the last time.")
        self.leader = self._gauge("leader", "1 while this operator acts, 0 while it waits for the Lease.")
        self.jobs = self._gauge("jobs", "VideoJobs by phase.", "phase")
        self.queue_depth = self._gauge("queue_messages", "Messages in a Celery queue.", "queue")
        self.replicas = self._gauge("pool_replicas", "Worker pods of a pool.", "namespace", "pool", "state")

    def api_written(self, verb: str, resource: str, code: int) -> None:
        """Count a write to the API server."""
        self.api_requests.labels(verb=verb, resource=resource, code=str(code)).inc()

    def redis_asked(self, operation: str, answered: bool) -> None:
        """Note whether Redis is there."""
        self.redis_up.set(answered)
        if not answered:
            self.redis_errors.labels(operation=operation).inc()

    def observe_due(self, lane: str, lag_s: float) -> None:
        """Note for how long an object has been due when its reconcile began."""
        self.queue_lag_seconds.labels(lane=lane).observe(lag_s)

    def observe_depths(self, depths: Mapping[str, int]) -> None:
        """Replace the numbers of objects that are due, by lane."""
        for lane, depth in depths.items():
            self.work_queue_depth.labels(lane=lane).set(depth)

    def observe_jobs(self, counts: Mapping[str, int]) -> None:
        """Replace the numbers of VideoJobs by phase."""
        self.jobs.clear()
        for phase, count in counts.items():
            self.jobs.labels(phase=phase).set(count)

    def forget_pool(self, namespace: str, pool: str) -> None:
        """The pool is gone, and so are its series."""
        for state in POOL_STATES:
            with contextlib.suppress(KeyError):
                self.replicas.remove(namespace, pool, state)

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"videojobs_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"videojobs_{name}", text, labels, registry=self.registry)
