"""The machine's resources, in the shape that clients of ``system_resources`` read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from videojobs_worker import monitor
from videojobs_worker.gpu import Gpu


class Recorder:
    """What was asked of Redis."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.told: list[tuple[str, str]] = []
        self.expiry_s: int | None = None

    def set(self, key: str, text: str, ex: int) -> None:
        self.kept[key], self.expiry_s = text, ex

    def publish(self, channel: str, text: str) -> None:
        self.told.append((channel, text))


def test_loads_are_percentages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(monitor, "gpus", lambda: ())
    resources = monitor.measure(tmp_path)
    assert all(0 <= resources[part]["percent"] <= 100 for part in ("cpu", "memory", "disk"))
    assert resources["gpu"] == {"available": False, "gpus": []}


def test_gpus_have_index_name_and_utilization(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(monitor, "gpus", lambda: (Gpu(0, "NVIDIA L4", 37, 1, 24, "GPU-1"),))
    found = json.loads(json.dumps(monitor.measure(tmp_path)))["gpu"]
    assert found["available"] is True
    assert found["gpus"] == [
        {"index": 0, "name": "NVIDIA L4", "utilization": 37, "memory_used": 1, "memory_total": 24, "uuid": "GPU-1"}
    ]


def test_a_folder_that_is_not_there_yet_has_a_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(monitor, "gpus", lambda: ())
    assert monitor.measure(tmp_path / "not" / "yet")["disk"]["total"] > 0


def resources(machine: str, at: float, *, percent: float = 50.0, count: int = 2, cards: tuple[str, ...] = ()) -> Any:
    """What a worker tells of its machine."""
    return {
        "cpu": {"percent": percent, "count": count},
        "memory": {"percent": percent, "used": int(percent), "total": 100},
        "disk": {"percent": percent, "used": 1, "total": 2},
        "gpu": {"available": bool(cards), "gpus": [{"index": 0, "name": "L4", "uuid": card} for card in cards]},
        "machine": machine,
        "measured_at": at,
    }


def test_machines_are_one_and_workers_are_each() -> None:
    told = {"a": resources("m1", 1, percent=20, count=6), "b": resources("m2", 1, percent=100, count=2)}
    made = monitor.aggregate(told)
    assert made["cpu"] == {"percent": 40.0, "count": 8}
    assert made["memory"] == {"percent": 60.0, "used": 120, "total": 200}
    assert made["disk"]["percent"] == 100
    assert made["workers"] == told


def test_a_machine_of_several_workers_counts_once_by_its_latest_word() -> None:
    told = {"a": resources("m1", 2, percent=30), "b": resources("m1", 1, percent=90)}
    assert monitor.aggregate(told)["cpu"] == {"percent": 30.0, "count": 2}


def test_every_gpu_is_there_once_though_each_container_counts_from_nought() -> None:
    told = {name: resources("m1", 1, cards=(card,)) for name, card in (("a", "x"), ("b", "y"), ("c", "y"))}
    made = monitor.aggregate(told)["gpu"]
    assert made["available"] is True
    assert [card["uuid"] for card in made["gpus"]] == ["x", "y"]


def test_late_and_early_clients_read_the_same() -> None:
    redis = Recorder()
    monitor.publish(redis, {"cpu": {"percent": 1.0}})  # type: ignore[arg-type]
    assert json.loads(redis.kept["system_resources"]) == {"cpu": {"percent": 1.0}}
    assert redis.told == [("resource_monitor", redis.kept["system_resources"])]
    assert redis.expiry_s
