"""Queue names, task names and priorities: how a piece of work finds the workers that can do it."""

from __future__ import annotations

from typing import Final, Literal, get_args

Kind = Literal["render", "preview", "transcode", "caption"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: The Celery task that runs one attempt of a VideoJob.
RUN_ATTEMPT_TASK: Final = "videojobs.run_attempt"

#: Celery's default queue: cleanup and monitoring.
DEFAULT_QUEUE: Final = "celery"

MIN_PRIORITY: Final = 0
MAX_PRIORITY: Final = 10

#: Every broker priority has a list of its own in Redis: 0 is the bare key and is read first.
BROKER_PRIORITY_STEPS: Final[tuple[int, ...]] = tuple(range(10))
#: kombu's separator between a queue's name and the priority of a list.
PRIORITY_SEPARATOR: Final = "\x06\x16"


def queue_name(kind: Kind, *, gpu: bool = False) -> str:
    """The queue for a kind of work: ``render_queue``, or ``render_queue_gpu`` for GPU workers."""
    return f"{kind}_queue_gpu" if gpu else f"{kind}_queue"


def queue_names() -> tuple[str, ...]:
    """All queues of the four kinds, the GPU twins included."""
    return tuple(queue_name(kind, gpu=gpu) for kind in KINDS for gpu in (False, True))


def broker_priority(priority: int) -> int:
    """Turn a user's priority (0-10, higher first) into kombu's on Redis (0-9, lower first).

    There are 11 priorities and 10 lists: 9 and 10 share the first one.

    Raises:
        ValueError: the priority is outside 0-10.
    """
    if not MIN_PRIORITY <= priority <= MAX_PRIORITY:
        raise ValueError(f"priority {priority} is outside {MIN_PRIORITY}-{MAX_PRIORITY}")
    return max(0, MAX_PRIORITY - 1 - priority)


def user_priority(priority: int | None) -> int | None:
    """The inverse of :func:`broker_priority`; ``None`` stays what it is, the bare list."""
    return None if priority is None else MAX_PRIORITY - 1 - priority


def queue_keys(queue: str) -> tuple[str, ...]:
    """The Redis lists that hold a queue's messages, first read first (kombu's key format)."""
    return tuple(queue if step == 0 else f"{queue}{PRIORITY_SEPARATOR}{step}" for step in BROKER_PRIORITY_STEPS)


def queue_key(queue: str, priority: int) -> str:
    """The Redis list that holds a queue's messages of a user's priority."""
    return queue_keys(queue)[broker_priority(priority)]
