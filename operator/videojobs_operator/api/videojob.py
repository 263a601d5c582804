"""VideoJob: one piece of video work and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from videojobs_operator.api.conditions import Condition
from videojobs_operator.api.media import Caption, Preview, Transcode
from videojobs_operator.api.render import Render
from videojobs_operator.api.types import IMMUTABLE, Model, Observed, rule, rules

Phase = Literal["Pending", "Queued", "Running", "Suspended", "Succeeded", "Failed"]
#: A path of Linux has 4096 bytes at most, and a byte is three characters in a URI where it is quoted.
MAX_URI_LENGTH = len("file://") + 3 * 4096
Timestamp = Annotated[str, Field(max_length=64, json_schema_extra={"format": "date-time"})]

DEFAULT_TTL_S = 86_400
_KINDS = ("render", "preview", "transcode", "caption")
_ONE_KIND = " + ".join(f"(has(self.{kind}) ? 1 : 0)" for kind in _KINDS) + " == 1"
_SAME_KIND = " && ".join(f"has(self.{kind}) == has(oldSelf.{kind})" for kind in _KINDS)


#: What stands in a VideoJob that no operator has seen: tools that read kstatus must not take it for finished.
UNSEEN_STATUS: dict[str, Any] = {
    "phase": "Pending",
    "conditions": [
        {
            "type": "Reconciling",
            "status": "True",
            "reason": "Pending",
            "message": "waiting for the operator",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
    ],
}


class VideoJobSpec(Model):
    """What is wanted. Immutable but for suspend, priority and ttlSecondsAfterFinished."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(_ONE_KIND, "set exactly one of render, preview, transcode, caption"),
            rule(_SAME_KIND, "the kind of work is immutable: delete the resource and create it anew"),
        )
    )

    render: Render | None = Field(
        None,
        description="Cut scenes out of sources and join them in one file.",
        json_schema_extra=rules(IMMUTABLE),
    )
    preview: Preview | None = Field(None, description="Take still pictures.", json_schema_extra=rules(IMMUTABLE))
    transcode: Transcode | None = Field(None, description="Encode a source anew.", json_schema_extra=rules(IMMUTABLE))
    caption: Caption | None = Field(None, description="Turn speech into captions.", json_schema_extra=rules(IMMUTABLE))
    priority: Annotated[int, Field(ge=0, le=10)] = Field(
        5, description="0 to 10; of the jobs that wait in a queue, higher goes first."
    )
    gpu: Literal["Never", "Preferred", "Required"] = Field(
        "Never",
        description="Never runs on CPU workers; Preferred on GPU workers where a pool has them; "
        "Required only on GPU workers.",
        json_schema_extra=rules(IMMUTABLE),
    )
    backoff_limit: Annotated[int, Field(ge=0, le=100)] = Field(
        3,
        description="How many failed attempts are tried again, as in batch/v1 Job. Errors that "
        "cannot pass, such as a corrupt source, are not tried again.",
        json_schema_extra=rules(IMMUTABLE),
    )
    active_deadline_seconds: Annotated[int, Field(ge=1, le=604_800)] = Field(
        3600,
        description="How long the job may be active, all attempts together, from startTime; a suspend starts it anew.",
        json_schema_extra=rules(IMMUTABLE),
    )
    ttl_seconds_after_finished: Annotated[int, Field(ge=0, le=31_536_000)] = Field(
        DEFAULT_TTL_S,
        description="How long the resource is kept once finished. Outputs are never deleted.",
    )
    suspend: bool = Field(False, description="True stops the running attempt and starts none; false goes on anew.")


class Progress(Observed):
    """How far the attempt is."""

    percent: Annotated[int, Field(ge=0, le=100)] = Field(0, description="0 to 100, of the attempt.")
    stage: Annotated[str, Field(max_length=64)] = Field(
        "", description="Fetching, Probing, Encoding, Verifying, Committing."
    )
    message: Annotated[str, Field(max_length=1024)] = Field("", description="For people.")
    speed: Annotated[str, Field(max_length=32)] | None = Field(
        None, description="Media time made in a second of wall time, such as 3.1x."
    )
    eta_seconds: int | None = Field(None, description="Estimated seconds to the end of the attempt.")
    update_time: Timestamp | None = Field(None, description="When the worker said so.")


class Worker(Observed):
    """Who runs the attempt."""

    hostname: Annotated[str, Field(max_length=255)] = Field("", description="Celery node name.")
    pod: Annotated[str, Field(max_length=253)] = Field("", description="Pod of the worker.")
    node: Annotated[str, Field(max_length=253)] = Field("", description="Node of the pod.")
    gpu: Annotated[str, Field(max_length=128)] = Field("", description="GPU in use, if any.")


class Queue(Observed):
    """Where the job waits."""

    name: Annotated[str, Field(max_length=63)] = Field(description="Celery queue.")
    time: Timestamp | None = Field(None, description="When the attempt was last put into it.")
    priority: int | None = Field(None, description="The priority that the attempt waits with.")


class Output(Observed):
    """A file that was made and verified."""

    uri: Annotated[str, Field(max_length=MAX_URI_LENGTH)] = Field(description="Where it is.")
    bytes: int = Field(description="Size.")
    sha256: Annotated[str, Field(max_length=64)] = Field(description="Checksum, hexadecimal.")
    duration: Annotated[str, Field(max_length=32)] | None = Field(
        None, description="Duration of the media, such as 10.033s."
    )
    width: int | None = Field(None, description="Width in pixels.")
    height: int | None = Field(None, description="Height in pixels.")
    video_codec: Annotated[str, Field(max_length=32)] | None = Field(
        None, description="Codec of the picture, by ffprobe's name."
    )
    audio_codec: Annotated[str, Field(max_length=32)] | None = Field(
        None, description="Codec of the sound, by ffprobe's name."
    )


class MediaPlan(Observed):
    """Which way the worker chose."""

    strategy: Annotated[str, Field(max_length=32)] = Field(
        description="Copy: nothing is encoded. Smart: only what must be is. Full: everything is."
    )
    reason: Annotated[str, Field(max_length=2048)] = Field(description="Why, for people.")


class Failure(Observed):
    """Why the last failed attempt did; gone when one succeeds."""

    reason: Annotated[str, Field(max_length=128)] = Field(description="CamelCase, for programs.")
    message: Annotated[str, Field(max_length=2048)] = Field(description="For people.")
    retryable: bool = Field(False, description="Whether another attempt could succeed.")
    log_tail: Annotated[str, Field(max_length=4096)] = Field("", description="Last lines of the tool that failed.")


class VideoJobStatus(Observed):
    """What became of it. Written by the operator alone."""

    observed_generation: int | None = Field(None, description="Generation that this status is of.")
    phase: Phase | None = Field(None, description="Summary for people; programs read conditions.")
    kind: Literal["render", "preview", "transcode", "caption"] | None = Field(None, description="The kind of work.")
    attempt: int | None = Field(None, description="Number of the current or last attempt, from 1.")
    failed: int | None = Field(None, description="Number of attempts that failed.")
    task_id: Annotated[str, Field(max_length=128)] | None = Field(
        None, alias="taskID", description="Celery task of the attempt."
    )
    retry_time: Timestamp | None = Field(None, description="When the next attempt may start.")
    queue: Queue | None = Field(None, description="Where the job waits or waited.")
    worker: Worker | None = Field(None, description="Who runs or ran the attempt.")
    silent_time: Timestamp | None = Field(
        None, description="Since when neither message nor worker of the attempt is to be found."
    )
    progress: Progress | None = Field(None, description="How far the attempt is.")
    plan: MediaPlan | None = Field(None, description="Which way the worker chose, where there is more than one.")
    outputs: Annotated[list[Output], Field(max_length=1002)] | None = Field(
        None,
        description="The files that were made, once complete.",
        json_schema_extra={"x-kubernetes-list-type": "atomic"},
    )
    failure: Failure | None = Field(None, description="Why the last failed attempt did; gone when one succeeds.")
    start_time: Timestamp | None = Field(None, description="When a worker first began; anew after a suspend.")
    completion_time: Timestamp | None = Field(None, description="When the job ended.")
    conditions: Annotated[list[Condition], Field(max_length=16)] | None = Field(
        None,
        description="Complete, Failed, Suspended, Reconciling, Stalled.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
