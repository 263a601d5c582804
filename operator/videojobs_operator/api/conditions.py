"""The standard Kubernetes condition, as a typed value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from videojobs_operator.api.types import Observed


class Condition(Observed):
    """One aspect of a resource's state (metav1.Condition)."""

    type: Annotated[str, Field(max_length=316)] = Field(description="Name, unique in the list.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: Annotated[str, Field(min_length=1, max_length=1024)] = Field(description="CamelCase, for programs.")
    message: Annotated[str, Field(max_length=2048)] = Field("", description="For people.")
    last_transition_time: Annotated[str, Field(max_length=64, json_schema_extra={"format": "date-time"})] = Field(
        description="When status last changed."
    )
    observed_generation: int | None = Field(None, description="Generation that it is of.")
