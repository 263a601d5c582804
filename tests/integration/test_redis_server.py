"""The tests' Redis is a real one: it keeps strangers out and leaves nothing behind."""

from __future__ import annotations

import pytest
import redis

from tests.redis_server import RedisServer


def test_serves_those_who_know_the_password() -> None:
    with RedisServer() as server, server.client() as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
        with (
            redis.Redis(port=server.port) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.get("key")
    assert not server.folder.exists()


def test_keeps_data_over_a_restart_when_asked() -> None:
    with RedisServer(append_only=True) as server:
        with server.client() as client:
            client.set("key", "value")
        server.stop()
        server.start()
        with server.client() as client:
            assert client.get("key") == b"value"
