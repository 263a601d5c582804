"""WorkerPool: a Deployment of workers and how it follows the work there is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from videojobs_operator.api.conditions import Condition
from videojobs_operator.api.types import Model, Observed, rule, rules

QueueName = Literal[
    "render_queue", "render_queue_gpu",
    "preview_queue", "preview_queue_gpu",
    "transcode_queue", "transcode_queue_gpu",
    "caption_queue", "caption_queue_gpu",
    "celery",
]  # fmt: skip


class Gpu(Model):
    """Accelerators that each worker pod asks for."""

    resource: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[a-zA-Z0-9._-]+$", max_length=253)] = Field(
        "nvidia.com/gpu",
        description="Extended resource, such as nvidia.com/gpu or a MIG slice.",
    )
    count: Annotated[int, Field(ge=1, le=16)] = Field(1, description="How many a pod gets.")


class Scaling(Model):
    """How many workers there are."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "self.minReplicas <= self.maxReplicas",
                "minReplicas must not be greater than maxReplicas",
            ),
        )
    )

    min_replicas: Annotated[int, Field(ge=0, le=1000)] = Field(
        0, description="Workers kept even when there is nothing to do."
    )
    max_replicas: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Workers at most, however much there is to do."
    )
    jobs_per_replica: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Jobs, queued and running, for which one more worker is started."
    )
    idle_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        60, description="How long a worker must have had nothing to do before it may go."
    )


class WorkerPoolSpec(Model):
    """What is wanted."""

    queues: Annotated[list[QueueName], Field(min_length=1, max_length=9)] = Field(
        description="Queues that the workers read.",
        json_schema_extra={"x-kubernetes-list-type": "set"},
    )
    concurrency: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Jobs that one worker runs at a time.")
    gpu: Gpu | None = Field(None, description="Accelerators that each worker gets. Left out: a CPU pool.")
    scaling: Scaling = Field(
        default_factory=Scaling,
        description="How many workers there are.",
        json_schema_extra={"default": {"minReplicas": 0, "maxReplicas": 1}},
    )
    image: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        None, description="Worker image. Left out: the one that the operator was installed with."
    )
    termination_grace_period_seconds: Annotated[int, Field(ge=1, le=604_800)] = Field(
        3600, description="How long a worker that must go may finish what it runs."
    )
    template: dict[str, Any] | None = Field(
        None,
        description="Pod template, merged over the one that the operator builds: containers, "
        "volumes and environment by name. The worker's container is called worker.",
        json_schema_extra={"x-kubernetes-preserve-unknown-fields": True},
    )


class WorkerPoolStatus(Observed):
    """What there is. Written by the operator alone."""

    observed_generation: int | None = Field(None, description="Generation that this status is of.")
    replicas: int | None = Field(None, description="Worker pods that there are.")
    ready_replicas: int | None = Field(None, description="Worker pods that are ready.")
    desired_replicas: int | None = Field(None, description="Worker pods that there should be.")
    busy_replicas: int | None = Field(None, description="Workers that run something.")
    queued_jobs: int | None = Field(None, description="Messages in the pool's queues.")
    running_jobs: int | None = Field(None, description="Jobs that the pool's workers run.")
    decision: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="Why there should be as many as there should be."
    )
    selector: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="Label selector of the worker pods."
    )
    conditions: Annotated[list[Condition], Field(max_length=16)] | None = Field(
        None,
        description="Ready, CapacityUnavailable, Reconciling, Stalled.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
