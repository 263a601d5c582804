"""VideoBatch: many VideoJobs from a list, and what became of all of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema

from videojobs_operator.api.conditions import Condition
from videojobs_operator.api.types import IMMUTABLE, Model, Observed, rule, rules
from videojobs_operator.api.videojob import Timestamp

BatchPhase = Literal["Pending", "Running", "Suspended", "Succeeded", "Failed"]
FailurePolicy = Literal["Continue", "FailFast"]

#: An entry of the list: with its result it must fit into one object of etcd, 500 times.
MAX_ITEMS = 500
MAX_OUTPUT_LENGTH = 1100

ItemName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
Value = Annotated[int | str, WithJsonSchema({"x-kubernetes-int-or-string": True, "maxLength": 2048})]
JobSpec = Annotated[
    dict[str, Any], Field(json_schema_extra={"type": "object", "x-kubernetes-preserve-unknown-fields": True})
]


class Item(Model):
    """One VideoJob: values for the template, or a spec of its own."""

    name: ItemName = Field(description="Its VideoJob is called BATCH-NAME.")
    values: Annotated[dict[str, Value], Field(max_length=32)] | None = Field(
        None, description="What $(NAME) in the template stands for. $(name) is the item's name, without being given."
    )
    spec: JobSpec | None = Field(None, description="The spec of a VideoJob, where there is no template.")


class VideoBatchSpec(Model):
    """What is wanted. Immutable but for parallelism, suspend and ttlSecondsAfterFinished."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "self.items.all(item, has(item.spec) != has(self.template))",
                "give either a template, or each item a spec of its own",
            ),
            rule("has(self.template) == has(oldSelf.template)", "the template is immutable"),
        )
    )

    template: JobSpec | None = Field(
        None,
        description="The spec of a VideoJob, in whose strings $(NAME) stands for the item's value of that name; a "
        "string that is nothing else becomes the value, also where that is a number. $$(NAME) is left as $(NAME).",
        json_schema_extra=rules(IMMUTABLE),
    )
    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)] = Field(
        description="The VideoJobs, in the order in which they are started and in which the results are told.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            **rules(IMMUTABLE),
        },
    )
    parallelism: Annotated[int, Field(ge=1, le=MAX_ITEMS)] = Field(
        10, description="How many of its VideoJobs are there at a time, waiting or running."
    )
    failure_policy: FailurePolicy = Field(
        "Continue",
        description="Continue runs all others when one has failed; FailFast stops them.",
        json_schema_extra=rules(IMMUTABLE),
    )
    ttl_seconds_after_finished: Annotated[int, Field(ge=0, le=31_536_000)] = Field(
        86_400,
        description="How long the batch and its VideoJobs are kept once it is finished. Outputs are never deleted.",
    )
    suspend: bool = Field(False, description="True stops what runs and starts nothing; false goes on.")


class ItemResult(Observed):
    """What became of an item."""

    name: Annotated[str, Field(max_length=63)] = Field(description="Name of the item.")
    phase: Annotated[str, Field(max_length=16)] = Field(
        description="Pending where there is no VideoJob yet, Cancelled after another's failure, else its phase."
    )
    output: Annotated[str, Field(max_length=MAX_OUTPUT_LENGTH)] | None = Field(
        None,
        description="The first file that was made; the VideoJob tells all of them. Left out where longer than "
        f"{MAX_OUTPUT_LENGTH} characters.",
    )
    reason: Annotated[str, Field(max_length=128)] | None = Field(None, description="Why it failed, for programs.")
    message: Annotated[str, Field(max_length=256)] | None = Field(None, description="Why it failed, for people.")


class VideoBatchStatus(Observed):
    """What became of it. Written by the operator alone."""

    observed_generation: int | None = Field(None, description="Generation that this status is of.")
    phase: BatchPhase | None = Field(None, description="Summary for people; programs read conditions.")
    completions: Annotated[str, Field(max_length=16)] | None = Field(None, description="Succeeded of all, as 3/10.")
    progress: Annotated[int, Field(ge=0, le=100)] | None = Field(None, description="Percent of all items together.")
    active: int | None = Field(None, description="VideoJobs that wait or run.")
    succeeded: int | None = Field(None, description="Items that are made.")
    failed: int | None = Field(None, description="Items that have failed for good.")
    start_time: Timestamp | None = Field(None, description="When the first VideoJob was made.")
    completion_time: Timestamp | None = Field(None, description="When the batch ended.")
    results: Annotated[list[ItemResult], Field(max_length=MAX_ITEMS)] | None = Field(
        None,
        description="One entry an item, in their order.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    conditions: Annotated[list[Condition], Field(max_length=16)] | None = Field(
        None,
        description="Complete, Failed, Suspended, Reconciling, Stalled.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )
