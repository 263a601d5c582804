"""Where things lie."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from videojobs_cluster.places import Places


@pytest.mark.parametrize(
    ("environment", "cache"),
    [
        ({"VIDEOJOBS_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"}, "/a/b"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/videojobs"),
        ({"VIDEOJOBS_CACHE": "", "XDG_CACHE_HOME": ""}, str(Path.home() / ".cache/videojobs")),
    ],
)
def test_the_cache_is_where_the_environment_says(environment: dict[str, str], cache: str) -> None:
    assert Places.from_environment(environment).cache == Path(cache)


def test_two_caches_never_share_an_engine() -> None:
    assert Places(Path("/a")).run != Places(Path("/b")).run


def test_a_socket_fits_however_long_the_cache_is_called() -> None:
    assert len(str(Places(Path("/" + "x" * 300)).run / "docker.sock")) < 100


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    places = Places(tmp_path)
    order = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with places.lock("x"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with places.lock("x"):
        inside.set()
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
