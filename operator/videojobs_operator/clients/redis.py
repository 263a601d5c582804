"""What the workers have said, read from Redis; and the one thing that is said to them: stop.

Redis may be away or empty at any moment. Every method raises :class:`RedisAway` then, and ``available`` says
whether the last request was answered, so that others need not wait for a timeout each.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis import asyncio as aioredis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from videojobs_protocol import keys, queues
from videojobs_protocol.heartbeat import Heartbeat
from videojobs_protocol.progress import TaskStatus

TIMEOUT_S: Final = 3.0
CANCEL_TTL_S: Final = 86_400
#: kombu's hash of messages that a worker took and has not acknowledged, and when it took them.
UNACKED: Final = "unacked"
UNACKED_INDEX: Final = "unacked_index"
#: Workers acknowledge as they begin: what stays for longer was taken by one that died.
UNACKED_FRESH_S: Final = 30.0
_PAGE: Final = 500


#: Told of every question: what was asked, and whether an answer came.
Asked = Callable[[str, bool], None]


class RedisAway(Exception):  # noqa: N818 - a state of the world, reads better so
    """Redis did not answer, or not with what was asked for."""


@dataclass(frozen=True)
class Task:
    """An attempt as the workers tell it. ``claimed_by`` is a task id: that of another attempt, maybe."""

    status: TaskStatus | None = None
    claimed_by: str | None = None
    worker: str | None = None  # who holds the claim


@dataclass(frozen=True)
class Change:
    """A task has reported something. ``state`` is that of its status, empty where it cannot be read."""

    task_id: str
    state: str = ""


class Redis:
    """The Redis that is shared with the workers; ``broker_url`` is where Celery's queues are, if elsewhere."""

    def __init__(self, url: str, asked: Asked, broker_url: str = "") -> None:
        self._asked = asked
        self._client = _connect(url)
        self._queues = _connect(broker_url) if broker_url not in ("", url) else self._client
        self.available = False

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._queues.aclose()

    async def ping(self) -> None:
        """Ask whether it is there."""
        async with self._asking("ping"):
            await self._client.ping()
            if self._queues is not self._client:
                await self._queues.ping()

    async def read_tasks(self, tasks: Sequence[tuple[str, str]]) -> list[Task]:
        """For each (job uid, task id), in that order and one round trip, what is known of it."""
        if not tasks:
            return []
        pipeline = self._client.pipeline(transaction=False)
        pipeline.mget([keys.task_status(task_id) for _, task_id in tasks])
        for job_uid, _ in tasks:
            pipeline.hmget(keys.claim(job_uid), ["task_id", "worker"])
        async with self._asking("tasks"):
            statuses, *claims = await pipeline.execute()
        return [_task(status, claim) for status, claim in zip(statuses, claims, strict=True)]

    async def heartbeats(self) -> dict[str, Heartbeat]:
        """The workers that are alive, by host name. Names of those long silent are dropped from the set."""
        async with self._asking("heartbeats"):
            names = sorted(await self._client.smembers(keys.WORKERS))
            texts = await self._client.mget([keys.worker(name) for name in names]) if names else []
            if gone := [name for name, text in zip(names, texts, strict=True) if text is None]:
                await self._client.srem(keys.WORKERS, *gone)
        return _heartbeats(text for text in texts if text is not None)

    async def queue_depths(self) -> dict[str, int]:
        """Messages in each queue, all its priorities together."""
        names = [*queues.queue_names(), queues.DEFAULT_QUEUE]
        pipeline = self._queues.pipeline(transaction=False)
        for name in names:
            for key in queues.queue_keys(name):
                pipeline.llen(key)
        async with self._asking("depths"):
            lengths = await pipeline.execute()
        each = len(queues.BROKER_PRIORITY_STEPS)
        return {name: sum(lengths[at * each : (at + 1) * each]) for at, name in enumerate(names)}

    async def queued_tasks(self, queue: str, now: float) -> set[str]:
        """Ids of the tasks whose messages are in the queue, or just taken and not yet acknowledged."""
        found: set[str] = set()
        async with self._asking("look"):
            for key in queues.queue_keys(queue):
                async for page in self._pages(key):
                    found.update(_message_id(text) for text in page)
            fresh = await self._queues.zrangebyscore(UNACKED_INDEX, now - UNACKED_FRESH_S, "+inf")
            taken = await self._queues.hmget(UNACKED, fresh) if fresh else []
            found.update(_unacked_id(text) for text in taken if text)
        return found - {""}

    async def cancel(self, task_id: str) -> None:
        """Tell whichever worker runs it, now or later, to stop."""
        async with self._asking("cancel"):
            await self._client.set(keys.cancel(task_id), "1", ex=CANCEL_TTL_S)

    async def withdraw(self, queue: str, unwanted: Mapping[str, str]) -> int:
        """Take messages out of a queue: of tasks, by id, all but what is in the list that each may stay in.

        Returns how many there were.
        """
        found: list[tuple[str, str]] = []
        async with self._asking("withdraw"):
            for key in queues.queue_keys(queue):
                async for page in self._pages(key):
                    found += [(key, text) for text in page if unwanted.get(_message_id(text), key) != key]
            pipeline = self._queues.pipeline(transaction=False)
            for key, text in found:
                pipeline.lrem(key, 0, text)
            return sum(await pipeline.execute()) if found else 0

    async def changes(self) -> AsyncIterator[Change]:
        """What tasks report, as they do. Ends by :class:`RedisAway`; an empty id is the start."""
        async with self._asking("subscribe"), self._client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.psubscribe(keys.TASK_PROGRESS_PATTERN)
            yield Change("")
            while True:
                message = await channel.get_message(timeout=TIMEOUT_S)
                if message is not None:
                    yield Change(str(message["channel"]).removeprefix(keys.task_progress("")), _state(message["data"]))

    async def _pages(self, key: str) -> AsyncIterator[list[str]]:
        # From the tail, where messages are taken: what moves on meanwhile is seen twice, not missed.
        stop = -1
        while page := await self._queues.lrange(key, stop - _PAGE + 1, stop):
            yield page
            if len(page) < _PAGE:
                return
            stop -= _PAGE

    @contextlib.asynccontextmanager
    async def _asking(self, operation: str) -> AsyncIterator[None]:
        try:
            yield
        except (TimeoutError, RedisError, OSError) as error:
            self._note(operation, False)
            raise RedisAway(f"{operation}: {type(error).__name__}: {error}") from error
        else:
            self._note(operation, True)

    def _note(self, operation: str, available: bool) -> None:
        self.available = available
        self._asked(operation, available)


def _connect(url: str) -> Any:
    # Any: the library's types say bytes | str for what decode_responses makes str.
    return aioredis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        health_check_interval=15,
        decode_responses=True,
        # Anybody can write to Redis: bytes that are no text make a message nonsense, not an error here.
        encoding_errors="replace",
        # The work queue retries; a second try inside would only hold its worker.
        retry=Retry(NoBackoff(), 1),
    )


def _task(status: str | None, claim: Sequence[str | None]) -> Task:
    try:
        said = TaskStatus.from_json(status) if status else None
    except (ValueError, RecursionError):  # somebody else's text under our key: as good as none
        said = None
    return Task(said, claimed_by=claim[0], worker=claim[1])


def _heartbeats(texts: Iterable[str]) -> dict[str, Heartbeat]:
    found: dict[str, Heartbeat] = {}
    for text in texts:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            heartbeat = Heartbeat.from_json(text)
            found[heartbeat.hostname] = heartbeat
    return found


def _state(text: Any) -> str:
    try:
        said = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return ""
    return str(said.get("status", "")) if isinstance(said, dict) else ""


def _message_id(text: str) -> str:
    try:
        return _id_of(json.loads(text))
    except (ValueError, RecursionError):  # deeply nested: nobody's message
        return ""


def _unacked_id(text: str) -> str:
    try:
        message, *_ = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return ""
    return _id_of(message)


def _id_of(message: Any) -> str:
    headers = message.get("headers") if isinstance(message, Mapping) else None
    return str(headers.get("id", "")) if isinstance(headers, Mapping) else ""
