"""Leader election against an API server that keeps one Lease and compares versions; time is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from videojobs_operator.clients.kubernetes import ApiError, Conflict, NotFound
from videojobs_operator.controller.leader_election import LeaderElector, LeadershipLost
from videojobs_operator.core.leadership import LEASE_S, RENEW_DEADLINE_S


class Server:
    """An API server with room for one Lease. While ``away`` it answers nothing."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.away = False

    @property
    def holder(self) -> str:
        return str((self.lease or {"spec": {}})["spec"].get("holderIdentity", ""))

    async def get(self, *_: Any) -> dict[str, Any]:
        self._answer()
        if self.lease is None:
            raise NotFound(404, "not found")
        return self.lease

    async def create(self, _: Any, __: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self._answer()
        if self.lease is not None:
            raise Conflict(409, "exists")
        return self._keep(dict(body["spec"]))

    async def patch(self, _: Any, __: str, ___: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self._answer()
        assert self.lease is not None
        if body["metadata"]["resourceVersion"] != self.lease["metadata"]["resourceVersion"]:
            raise Conflict(409, "changed")
        return self._keep({**self.lease["spec"], **body["spec"]})

    def _answer(self) -> None:
        if self.away:
            raise ApiError(0, "no answer")

    def _keep(self, spec: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        self.lease = {"metadata": {"resourceVersion": str(self.version)}, "spec": spec}
        return self.lease


class Clock:
    """Time that passes only in pauses, which end when all who run have come to one."""

    def __init__(self) -> None:
        self.now = 0.0

    async def pause(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.5
            await asyncio.sleep(0)


def elector(server: Server, clock: Clock, identity: str) -> LeaderElector:
    return LeaderElector(server, "n", "lease", identity, lambda: clock.now, clock.pause)  # type: ignore[arg-type]


def test_the_first_acts_and_gives_it_back() -> None:
    async def scenario() -> None:
        server, clock = Server(), Clock()
        first = elector(server, clock, "a")
        await first.acquire()
        assert server.holder == "a"
        await first.release()
        assert server.holder == ""
        await elector(server, clock, "b").acquire()
        assert (server.holder, clock.now) == ("b", 0.0)

    asyncio.run(scenario())


def test_one_that_is_killed_is_followed_when_its_lease_has_run_out() -> None:
    async def scenario() -> None:
        server, clock = Server(), Clock()
        await elector(server, clock, "a").acquire()
        await elector(server, clock, "b").acquire()
        assert server.holder == "b"
        assert LEASE_S < clock.now < 15
        assert server.lease is not None
        assert server.lease["spec"]["leaseTransitions"] == 2

    asyncio.run(scenario())


def test_one_that_renews_stays_and_the_other_waits() -> None:
    async def scenario() -> None:
        server, clock = Server(), Clock()
        first = elector(server, clock, "a")
        await first.acquire()
        holding = asyncio.create_task(first.hold())
        waiting = asyncio.create_task(elector(server, clock, "b").acquire())
        await clock.pause(100)
        assert (server.holder, holding.done(), waiting.done()) == ("a", False, False)
        for task in (holding, waiting):
            task.cancel()

    asyncio.run(scenario())


def test_one_that_cannot_renew_stops_before_another_may_act() -> None:
    async def scenario() -> None:
        server, clock = Server(), Clock()
        first = elector(server, clock, "a")
        await first.acquire()
        server.away = True
        with pytest.raises(LeadershipLost, match="not renewed"):
            await first.hold()
        assert RENEW_DEADLINE_S <= clock.now < LEASE_S
        await first.release()  # writes nothing: it may be another's by now

    asyncio.run(scenario())


def test_one_that_slept_for_too_long_finds_another_and_stops() -> None:
    async def scenario() -> None:
        server, clock = Server(), Clock()
        first = elector(server, clock, "a")
        await first.acquire()
        await elector(server, clock, "b").acquire()
        with pytest.raises(LeadershipLost, match="b holds the Lease"):
            await first.hold()
        assert server.holder == "b"

    asyncio.run(scenario())
