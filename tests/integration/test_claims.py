"""Claims on a real Redis: who has a job, and what becomes of a claim when Redis forgets it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from tests.support.redis_server import RedisServer
from videojobs_protocol import keys
from videojobs_protocol.claims import Claim, Claims

OURS = Claim("uid", "uid-1", 1, "worker@a/1")
OTHERS = Claim("uid", "uid-1", 1, "worker@b/1")
NEXT = Claim("uid", "uid-2", 2, "worker@b/1")


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_server.url, decode_responses=True) as connected:
        connected.flushall()
        yield connected


@pytest.fixture
def claims(client: redis.Redis) -> Claims:
    made = Claims(client)
    assert made.acquire(OURS, now=5.0) == "held"
    return made


@pytest.mark.parametrize(
    ("emptied", "cancelled", "taker", "verdict", "holder"),
    [
        (False, False, None, "held", OURS),
        (False, True, None, "cancelled", OURS),
        (False, False, OTHERS, "held", OURS),
        (True, False, None, "held", OURS),
        (True, True, None, "cancelled", None),
        (True, False, OTHERS, "lost", OTHERS),
        (True, False, NEXT, "lost", NEXT),
    ],
)
def test_what_a_renewal_says(
    client: redis.Redis,
    claims: Claims,
    emptied: bool,
    cancelled: bool,
    taker: Claim | None,
    verdict: str,
    holder: Claim | None,
) -> None:
    if emptied:
        client.flushall()
    if cancelled:
        client.set(keys.cancel("uid-1"), 1)
    if taker:
        claims.acquire(taker, now=6.0)
    assert claims.renew(OURS) == verdict
    found = client.hgetall(keys.claim("uid"))
    assert (found.get("task_id"), found.get("worker")) == (holder and holder.task_id, holder and holder.worker)


def test_a_claim_made_anew_is_a_whole_one(client: redis.Redis, claims: Claims) -> None:
    client.flushall()
    claims.renew(OURS)
    found = client.hgetall(keys.claim("uid"))
    assert (found["task_id"], found["number"], found["worker"]) == ("uid-1", "1", "worker@a/1")
    assert abs(float(found["claimed_at"]) - time.time()) < 60
    assert 0 < client.pttl(keys.claim("uid")) <= 15_000
    assert claims.acquire(OTHERS, 6.0) == "lost"
