"""What the chart does for clients that send Celery tasks without a VideoJob."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.chart.rendering import MATRIX, Manifest, named, of_kind, render
from tests.support.redis_server import RedisServer
from videojobs_operator.api.workerpool import WorkerPoolSpec
from videojobs_operator.resources.deployment import WorkerDefaults, build_template

ON = {"beat": {"enabled": True}}
START_TIMEOUT_S = 60.0


def worker_of(manifests: list[Manifest], pool: str) -> Any:
    """The worker's container as the operator makes it."""
    spec = WorkerPoolSpec.model_validate(named(manifests, "WorkerPool", pool)["spec"])
    template = build_template(pool, spec, WorkerDefaults("worker:1", "Always", "videojobs-redis"))
    return template["spec"]["containers"][0]


def variables(container: Any) -> dict[str, str]:
    names = [item["name"] for item in container["env"]]
    assert len(names) == len(set(names)), "server-side apply refuses a variable that is there twice"
    return {item["name"]: item.get("value", "") for item in container["env"]}


@pytest.mark.parametrize(
    ("values", "renders"), [("defaults", "/media/videojobs/renders"), ("beat", "/media/made")], ids=["usual", "own"]
)
def test_results_land_where_the_clients_reach_them(values: str, renders: str) -> None:
    worker = worker_of(render(MATRIX[values]), "cpu")
    told = variables(worker)
    assert told["RENDER_DIR"] == renders
    assert told["PREVIEW_DIR"] == "/media/videojobs/previews"
    assert {"name": "media", "mountPath": "/media"} in worker["volumeMounts"]


def test_beat_is_there_when_it_is_asked_for_and_alone() -> None:
    assert "beat" not in {each["metadata"]["name"].rpartition("-")[2] for each in render({})}
    spec = named(render(ON), "Deployment", "videojobs-beat")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_beat_reaches_redis_as_the_workers_do() -> None:
    manifests = render(MATRIX["beat"])
    (container,) = named(manifests, "Deployment", "videojobs-beat")["spec"]["template"]["spec"]["containers"]
    worker = worker_of(manifests, "cpu")
    assert container["image"] == "videojobs/worker:edge"
    for variable in ("REDIS_URL", "RENDER_DIR"):
        assert [item for item in container["env"] if item["name"] == variable] == [
            item for item in worker["env"] if item["name"] == variable
        ]
    assert {"name": "ca", "mountPath": "/etc/ssl/private-ca"} in container["volumeMounts"]


def test_network_policies_let_beat_to_redis_and_nobody_to_beat() -> None:
    manifests = render(ON)
    labels = named(manifests, "Deployment", "videojobs-beat")["spec"]["template"]["metadata"]["labels"]
    (rule,) = named(manifests, "NetworkPolicy", "videojobs-redis")["spec"]["ingress"]
    allowed = [peer["podSelector"]["matchLabels"].items() for peer in rule["from"]]
    assert any(wanted <= labels.items() for wanted in allowed)
    closed = named(manifests, "NetworkPolicy", "videojobs-beat")["spec"]
    assert closed["podSelector"]["matchLabels"].items() <= labels.items()
    assert closed["ingress"] == []
    unguarded = render({**ON, "networkPolicy": {"enabled": False}})
    assert not of_kind(unguarded, "NetworkPolicy")


def test_what_beat_is_told_starts_it(tmp_path: Path) -> None:
    (container,) = named(render(ON), "Deployment", "videojobs-beat")["spec"]["template"]["spec"]["containers"]
    program, *arguments = [argument.replace("/tmp/", f"{tmp_path}/") for argument in container["args"]]  # noqa: S108
    assert program == "celery"
    with RedisServer() as server, (tmp_path / "log").open("wb") as log:
        environment = {"REDIS_URL": server.url, "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-m", "celery", *arguments]
        beat = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=tmp_path)
        try:
            wait_for_start(beat, tmp_path)
        finally:
            beat.terminate()
            beat.wait(20)


def wait_for_start(beat: subprocess.Popen[bytes], folder: Path) -> None:
    """Until beat has its schedule and says that it goes by it."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while "beat: Starting" not in (folder / "log").read_text():
        assert beat.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)
    assert list(folder.glob("schedule*"))
