"""The tests' Redis is a real one: it keeps strangers out, comes back where it was, and leaves nothing behind."""

from __future__ import annotations

import pytest
import redis

from tests.support.redis_server import RedisServer


def test_serves_those_who_know_the_password() -> None:
    with RedisServer() as server, server.client() as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
        with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.get("key")


def test_comes_back_empty_on_the_same_port() -> None:
    with RedisServer() as server, server.client() as client:
        client.set("key", "value")
        server.stop()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()
        assert client.get("key") is None
