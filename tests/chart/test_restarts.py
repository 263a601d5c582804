"""What an upgrade restarts: what has changed for it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.chart.conftest import Api
from tests.chart.rendering import (
    CHART,
    MATRIX,
    NAMESPACE,
    Manifest,
    Values,
    named,
    pod_templates,
    render,
    render_anew,
    render_in_cluster,
)

CONNECTION = "checksum/connection"


def checksums(manifests: list[Manifest]) -> dict[str, str | None]:
    """Of the Secret with the address of Redis, by who reads it."""
    templates = pod_templates(manifests) | {"cpu": named(manifests, "WorkerPool", "cpu")["spec"]["template"]}
    readers = ("Deployment/videojobs-operator", "StatefulSet/videojobs-redis", "cpu")
    found = {name: templates[name].get("metadata", {}).get("annotations", {}) for name in readers if name in templates}
    return {name: annotations.get(CONNECTION) for name, annotations in found.items()}


def test_a_new_version_of_the_chart_does_not_restart_redis(tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "chart")
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    newer = about | {"version": "9.9.9", "appVersion": "9.9.9"}
    (tmp_path / "chart" / "Chart.yaml").write_text(yaml.safe_dump(newer))
    # With a Secret that stays: without a cluster to look at, the chart would make a password at each rendering.
    values = MATRIX["redis-secret"]
    old, new = (render_anew(values, chart) for chart in (CHART, tmp_path / "chart"))
    redis, later = (named(each, "StatefulSet", "videojobs-redis") for each in (old, new))
    assert redis["metadata"]["labels"] != later["metadata"]["labels"]
    assert redis["spec"]["template"] == later["spec"]["template"]


def test_all_that_read_the_address_of_redis_start_anew_with_a_new_one() -> None:
    first, second = checksums(render({})), checksums(render_anew({}))  # each has a password of its own
    assert len(first) == 3
    assert len(set(first.values())) == 1, first
    assert not set(first.values()) & set(second.values())


def test_an_external_redis_s_new_password_too() -> None:
    values = MATRIX["external-host"]
    changed = {**values, "externalRedis": {**values["externalRedis"], "password": "another"}}
    assert checksums(render(values)) == checksums(render_anew(values))
    assert not set(checksums(render(values)).values()) & set(checksums(render(changed)).values())


@pytest.mark.parametrize("name", ["redis-secret", "external-secret"])
def test_a_secret_of_the_users_own_is_not_looked_at(name: str) -> None:
    assert set(checksums(render(MATRIX[name])).values()) == {None}


@pytest.fixture
def installed(api: Api) -> Iterator[list[Manifest]]:
    """What stands in the cluster after an installation, its Secret above all."""
    manifests = render({})
    api.apply([named(manifests, "Secret", "videojobs-redis")])
    yield manifests
    api.kubectl("-n", NAMESPACE, "delete", "secret", "videojobs-redis")


@pytest.mark.parametrize("more", [{}, {"media": {"existingClaim": "other"}}], ids=["as it is", "with other values"])
def test_the_first_upgrade_keeps_the_password_and_restarts_nobody_for_it(
    more: Values, installed: list[Manifest], api: Api
) -> None:
    upgraded = render_in_cluster(more, api.environment)
    secrets = [named(each, "Secret", "videojobs-redis") for each in (installed, upgraded)]
    assert secrets[0]["data"] == secrets[1]["data"]
    assert checksums(installed) == checksums(upgraded)
