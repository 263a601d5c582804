"""An engine of ours is known by its very process, whatever runs under its id later."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from videojobs_cluster import engine
from videojobs_cluster.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "cache")


def write(places: Places, pid: int, started: int | None) -> None:
    places.engine.mkdir(parents=True)
    (places.engine / "engine.json").write_text(json.dumps({"pid": pid, "started": started}))


def test_finds_the_process_that_was_written_down(places: Places) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = engine.start_time(process.pid)
        write(places, process.pid, started)
        assert engine.record(places) == {"pid": process.pid, "started": started}
    assert engine.record(places) is None


def test_never_stops_a_stranger_with_the_same_id(places: Places) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        started = engine.start_time(stranger.pid)
        assert started is not None
        write(places, stranger.pid, started - 1)
        assert engine.stop(places) is False
        assert stranger.poll() is None


def test_without_an_engine_there_is_nothing_to_stop(places: Places) -> None:
    assert engine.stop(places) is False


def test_programs_get_its_address_and_its_client_first(places: Places) -> None:
    env = engine.Engine(Path("/usr/bin/docker"), host="unix:///s", own=True).env
    assert env["DOCKER_HOST"] == "unix:///s"
    assert env["PATH"].startswith("/usr/bin:")


def test_a_found_engines_address_is_left_to_the_environment() -> None:
    assert "DOCKER_HOST" not in engine.Engine(Path("/usr/bin/docker"), host=None, own=False).env
