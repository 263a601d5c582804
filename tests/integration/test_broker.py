"""The operator's broker and Redis clients, against a real Redis and a consumer by kombu."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.integration.scripted_worker import ScriptedWorker
from tests.support.redis_server import RedisServer
from videojobs_operator.clients.broker import Broker, BrokerAway
from videojobs_operator.clients.redis import Redis, RedisAway
from videojobs_operator.telemetry.metrics import Metrics
from videojobs_protocol import queues, work
from videojobs_protocol.attempt import Attempt

T = TypeVar("T")


def attempt(job_uid: str, number: int = 1) -> Attempt:
    return Attempt(
        job_uid,
        "default",
        "job",
        number,
        work.Transcode("file:///media/in.mp4", (work.MediaOutput("file:///media/out.mp4"),)),
    )


def publish(url: str, job_uid: str, *, priority: int = 5) -> None:
    async def send() -> None:
        broker = Broker(url)
        try:
            await broker.publish(attempt(job_uid), "transcode_queue", priority)
        finally:
            await broker.close()

    asyncio.run(send())


def ask(url: str, question: Callable[[Redis], Awaitable[T]]) -> T:
    async def answer() -> T:
        client = Redis(url, Metrics().redis_asked)
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(answer())


def test_a_published_attempt_is_found_and_counted_and_taken(redis_server: RedisServer) -> None:
    redis_server.client().flushall()
    publish(redis_server.url, "uid-a", priority=0)
    publish(redis_server.url, "uid-b", priority=9)
    found = ask(redis_server.url, lambda redis: redis.queued_tasks("transcode_queue", time.time()))
    assert found == {"uid-a-1", "uid-b-1"}
    assert ask(redis_server.url, lambda redis: redis.queue_depths())["transcode_queue"] == 2
    with ScriptedWorker(redis_server.url) as worker:
        taken = worker.take("uid-b")
        assert taken.attempt == attempt("uid-b")
    assert ask(redis_server.url, lambda redis: redis.queued_tasks("transcode_queue", time.time())) == {"uid-a-1"}


def test_higher_priority_is_taken_first(redis_server: RedisServer) -> None:
    redis_server.client().flushall()
    for priority in (0, 10, 5):
        publish(redis_server.url, f"uid-{priority}", priority=priority)
    with ScriptedWorker(redis_server.url) as worker:
        assert [worker.take_any("transcode_queue").attempt.job_uid for _ in range(3)] == ["uid-10", "uid-5", "uid-0"]


def test_what_a_worker_says_is_read_in_one_go(redis_server: RedisServer) -> None:
    redis_server.client().flushall()
    publish(redis_server.url, "uid-a")
    with ScriptedWorker(redis_server.url) as worker:
        taken = worker.take("uid-a")
        assert taken.begin() == "held"
        taken.report(40)
        worker.beat(running=("uid-a-1",))
        known, unknown = ask(
            redis_server.url, lambda redis: redis.read_tasks([("uid-a", "uid-a-1"), ("uid-x", "uid-x-1")])
        )
        assert known.status is not None
        assert (known.status.progress, known.claimed_by, known.worker) == (40, "uid-a-1", worker.hostname)
        assert (unknown.status, unknown.claimed_by) == (None, None)
        assert ask(redis_server.url, lambda redis: redis.heartbeats())[worker.hostname].running == ("uid-a-1",)
        ask(redis_server.url, lambda redis: redis.cancel("uid-a-1"))
        assert taken.renew() == "cancelled"


def test_messages_are_withdrawn_from_all_lists_but_the_one_to_keep(redis_server: RedisServer) -> None:
    redis_server.client().flushall()
    for uid, priority in (("uid-a", 0), ("uid-a", 5), ("uid-b", 5), ("uid-b", 9), ("uid-c", 5)):
        publish(redis_server.url, uid, priority=priority)
    unwanted = {"uid-a-1": "", "uid-b-1": queues.queue_keys("transcode_queue")[0], "uid-x-1": ""}
    assert ask(redis_server.url, lambda redis: redis.withdraw("transcode_queue", unwanted)) == 3
    with ScriptedWorker(redis_server.url) as worker:
        lists = {uid: worker.lists_of(uid) for uid in ("uid-a", "uid-b", "uid-c")}
    assert lists == {"uid-a": [], "uid-b": [0], "uid-c": [4]}


def test_queues_are_looked_for_in_the_brokers_redis(redis_server: RedisServer) -> None:
    redis_server.client().flushall()
    broker_url = redis_server.url.removesuffix("/0") + "/1"
    publish(broker_url, "uid-a")

    async def look() -> tuple[int, set[str], int, int]:
        client = Redis(redis_server.url, Metrics().redis_asked, broker_url)
        try:
            await client.ping()
            waiting = (await client.queue_depths())["transcode_queue"]
            found = await client.queued_tasks("transcode_queue", time.time())
            gone = await client.withdraw("transcode_queue", {"uid-a-1": ""})
            await client.cancel("uid-a-1")
            return waiting, found, gone, redis_server.client().dbsize()
        finally:
            await client.close()

    assert asyncio.run(look()) == (1, {"uid-a-1"}, 1, 1)


def test_away_is_said_at_once_and_not_for_ever(redis_server: RedisServer) -> None:
    redis_server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(BrokerAway, match="uid-a-1 to transcode_queue"):
            publish(redis_server.url, "uid-a")
        with pytest.raises(RedisAway, match="ping"):
            ask(redis_server.url, lambda redis: redis.ping())
        assert time.monotonic() - began < 10
    finally:
        redis_server.start()
    publish(redis_server.url, "uid-a")
