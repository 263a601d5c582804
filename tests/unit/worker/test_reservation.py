"""Room is promised once: what runs beside counts, what is written counts as written, and the dead count for nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from videojobs_worker.errors import JobError
from videojobs_worker.storage import reservation
from videojobs_worker.storage.ledger import Need
from videojobs_worker.storage.reservation import Reservation, lacking, require_room

MB = 1_000_000


@pytest.mark.parametrize(
    ("free", "own", "others", "expected"),
    [
        (100, 0, [], 0),
        (100, 100, [], 0),
        (100, 101, [], 1),
        (100, 40, [30, 30], 0),
        (100, 41, [30, 30], 1),
        (0, 0, [], 0),
        (10, 5, [100], 95),
    ],
)
def test_what_is_lacking(free: int, own: int, others: list[int], expected: int) -> None:
    assert lacking(free, own, others) == expected


@pytest.fixture(autouse=True)
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A volume with 100 MB free, of which nothing is ever written here."""
    monkeypatch.setattr(reservation.shutil, "disk_usage", lambda _: SimpleNamespace(free=100 * MB))
    return tmp_path


@pytest.fixture
def first(volume: Path) -> Iterator[Reservation]:
    with Reservation("first", [volume]) as held:
        yield held


@pytest.fixture
def second(volume: Path) -> Iterator[Reservation]:
    with Reservation("second", [volume]) as held:
        yield held


def refused(held: Reservation, *needs: Need) -> str:
    with pytest.raises(JobError) as caught:
        held.hold(needs)
    assert (caught.value.reason, caught.value.retryable) == ("DiskFull", True)
    return caught.value.message


def test_jobs_that_fit_beside_each_other_do(volume: Path, first: Reservation, second: Reservation) -> None:
    first.hold([Need(volume / "a", 60 * MB)])
    second.hold([Need(volume / "b", 40 * MB)])


def test_who_fits_only_alone_is_told_what_where_and_beside_whom(
    volume: Path, first: Reservation, second: Reservation
) -> None:
    first.hold([Need(volume / "a", 60 * MB)])
    assert refused(second, Need(volume / "b", 41 * MB)) == (
        f"{volume}: the job needs about 41.0 MB on this volume and 100.0 MB are free, 60.0 MB of them promised to "
        "another job that runs: free space on it, or give it more"
    )
    first.release()
    second.hold([Need(volume / "b", 41 * MB)])


def test_what_is_promised_adds_up_and_is_promised_once(volume: Path, first: Reservation) -> None:
    for _ in range(3):
        first.hold([Need(volume / "source", 60 * MB)])
    assert "100.1 MB" in refused(first, Need(volume / "a", 30 * MB), Need(volume / "b", int(10.1 * MB)))
    first.hold([Need(volume / "a", 30 * MB), Need(volume / "b", 10 * MB)])


def test_what_is_written_is_not_promised_any_more(volume: Path, first: Reservation, second: Reservation) -> None:
    first.hold([Need(volume / "a", 60 * MB)])
    (volume / "a").write_bytes(os.urandom(20 * MB))
    second.hold([Need(volume / "b", 59 * MB)])


def test_a_hole_is_not_written(volume: Path, first: Reservation, second: Reservation) -> None:
    first.hold([Need(volume / "a", 60 * MB)])
    with (volume / "a").open("wb") as file:
        file.truncate(60 * MB)
    refused(second, Need(volume / "b", 41 * MB))


def test_what_a_killed_worker_was_promised_is_free(volume: Path, second: Reservation) -> None:
    code = (
        "import sys, time; from pathlib import Path; from videojobs_worker.storage.ledger import Ledger, Need\n"
        "ledger = Ledger(Path(sys.argv[1]), 'dead')\n"
        "with ledger.locked(): ledger.write([Need(Path(sys.argv[1]) / 'a', 60_000_000)])\n"
        "print('held', flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(volume)], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        refused(second, Need(volume / "b", 41 * MB))
        process.kill()
    second.hold([Need(volume / "b", 41 * MB)])
    left = [path.name for path in (volume / ".videojobs/reserved").iterdir()]
    assert [name.partition("-")[0] for name in sorted(left)] == ["lock", "second"]


def test_nothing_is_left_behind(volume: Path) -> None:
    with Reservation("job", [volume]) as held:
        held.hold([Need(volume / "a", MB)])
    assert [path.name for path in (volume / ".videojobs/reserved").iterdir()] == ["lock"]


def test_the_first_folder_on_the_volume_keeps_the_ledger(volume: Path) -> None:
    (volume / "films").mkdir()
    with Reservation("job", [Path("/proc"), Path("/nowhere"), volume, volume / "films"]) as held:
        held.hold([Need(volume / "films" / "a", MB)])
        assert (volume / ".videojobs/reserved").is_dir()
        assert not (volume / "films/.videojobs").exists()


@pytest.mark.parametrize("planted", ["link", "file", "record", "pipe"])
def test_what_a_user_plants_there_is_harmless(volume: Path, first: Reservation, planted: str) -> None:
    away = volume / "away"
    (away / "reserved").mkdir(parents=True)
    hidden = volume / ".videojobs"
    if planted == "link":
        hidden.symlink_to(away)
    elif planted == "file":
        hidden.write_text("x")
    else:
        (hidden / "reserved").mkdir(parents=True)
        if planted == "pipe":
            os.mkfifo(hidden / "reserved" / "x.json")
        else:
            (hidden / "reserved" / "x.json").write_text(json.dumps([["/", 10**15]]))  # nobody holds its lock
    first.hold([Need(volume / "a", MB)])
    assert list((away / "reserved").iterdir()) == []
    refused(first, Need(volume / "a", 101 * MB))


def test_without_a_ledger_the_free_space_is_looked_at(volume: Path) -> None:
    require_room([Need(volume / "a", 100 * MB)])
    with pytest.raises(JobError):
        require_room([Need(volume / "a", 101 * MB)])
