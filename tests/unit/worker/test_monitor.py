"""The machine's resources, in the shape that clients of ``system_resources`` read."""

from __future__ import annotations

import json
from pathlib import Path

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
    monkeypatch.setattr(monitor, "gpus", lambda: (Gpu(0, "NVIDIA L4", 37, 1, 24),))
    found = json.loads(json.dumps(monitor.measure(tmp_path)))["gpu"]
    assert found["available"] is True
    assert found["gpus"] == [{"index": 0, "name": "NVIDIA L4", "utilization": 37, "memory_used": 1, "memory_total": 24}]


def test_a_folder_that_is_not_there_yet_has_a_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(monitor, "gpus", lambda: ())
    assert monitor.measure(tmp_path / "not" / "yet")["disk"]["total"] > 0


def test_late_and_early_clients_read_the_same() -> None:
    redis = Recorder()
    monitor.publish(redis, {"cpu": {"percent": 1.0}})  # type: ignore[arg-type]
    assert json.loads(redis.kept["system_resources"]) == {"cpu": {"percent": 1.0}}
    assert redis.told == [("resource_monitor", redis.kept["system_resources"])]
    assert redis.expiry_s
