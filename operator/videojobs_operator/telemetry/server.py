"""The probes and the metrics, over HTTP.

``/healthz`` fails when a restart would help: the loop or the watches are stuck. Redis being away does not
make it fail, since a restart brings no Redis back. ``/readyz`` says whether jobs can be served right now.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

#: Returns what is wrong, empty when nothing is.
Check = Callable[[], Awaitable[str]]


class ProbeServer:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics``. Port 0 takes a free one."""

    def __init__(self, port: int, *, health: Check, readiness: Check, metrics: Callable[[], bytes]) -> None:
        self._port = port
        self._metrics = metrics
        application = web.Application()
        application.router.add_get("/healthz", _answering(health))
        application.router.add_get("/readyz", _answering(readiness))
        application.router.add_get("/metrics", self._expose)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> int:
        """Listen on all addresses; returns the port."""
        await self._runner.setup()
        # The kubelet and Prometheus come from outside of the pod, by IPv6 where the cluster has nothing else.
        if socket.has_dualstack_ipv6():
            listening = socket.create_server(("::", self._port), family=socket.AF_INET6, dualstack_ipv6=True)
        else:
            listening = socket.create_server(("0.0.0.0", self._port))  # noqa: S104
        await web.SockSite(self._runner, listening).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the port and the connections."""
        await self._runner.cleanup()

    async def _expose(self, request: web.Request) -> web.Response:
        del request
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=self._metrics(), headers=headers)


def _answering(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        del request
        problem = await check()
        return web.Response(text=problem or "ok", status=503 if problem else 200)

    return answer
