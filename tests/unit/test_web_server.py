"""The tests' own HTTP server does what its resources said when they were asked for."""

from __future__ import annotations

import http.client

from tests.support.web_server import Resource, WebServer

LARGER_THAN_BUFFERS = bytes(1 << 25)


def test_an_answer_does_not_follow_what_is_changed_for_the_next_one() -> None:
    with WebServer() as server:
        server.resources["/a"] = Resource(LARGER_THAN_BUFFERS)
        client = http.client.HTTPConnection(server.host, timeout=30)
        client.request("GET", "/a")
        first = client.getresponse()
        server.resources["/a"].stalls = True
        assert len(first.read()) == len(LARGER_THAN_BUFFERS)
        client.request("GET", "/none")  # on the same connection, which the first answer has let go
        assert client.getresponse().status == 404
        client.close()
