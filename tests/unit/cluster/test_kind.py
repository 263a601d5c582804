"""kind.yaml, and what is told from the API's answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml

from videojobs_cluster import kind
from videojobs_cluster.errors import ClusterError
from videojobs_cluster.places import SOURCES

TEMPLATE = (SOURCES / "kind.yaml").read_text()


@pytest.mark.parametrize("workers", [0, 1, 5])
def test_has_as_many_workers_as_asked(workers: int) -> None:
    rendered = yaml.safe_load(kind.render(TEMPLATE, "/media", workers))
    roles = [node["role"] for node in rendered["nodes"]]
    assert roles == ["control-plane", *["worker"] * workers]


@pytest.mark.parametrize("media", ["/media", '/a "b", {c}: #d', "/ü"])
def test_every_node_sees_the_media_folder_whatever_its_name(media: str) -> None:
    rendered = yaml.safe_load(kind.render(TEMPLATE, media, 2))
    for node in rendered["nodes"]:
        mount = {"hostPath": media, "containerPath": kind.MEDIA_IN_NODE}
        assert node["extraMounts"] == [mount]


def test_kind_yaml_is_whole_by_itself() -> None:
    assert [node["role"] for node in yaml.safe_load(TEMPLATE)["nodes"]] == ["control-plane", "worker"]


def test_says_when_kind_yaml_lost_what_it_needs() -> None:
    with pytest.raises(ClusterError, match="must have '- role: worker'"):
        kind.render(TEMPLATE.replace("worker", "other"), "/media", 1)


@pytest.mark.parametrize("name", ["videojobs", "a", "a-b-9", "x" * 40])
def test_takes_names_that_kind_takes(name: str) -> None:
    assert kind.check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a/../b", "a b", "x" * 41, "a\n"])
def test_refuses_other_names_by_name(name: str) -> None:
    with pytest.raises(ClusterError, match="--name"):
        kind.check_name(name)


def test_reads_the_last_sign_of_life() -> None:
    lease = {"spec": {"renewTime": "2026-11-23T16:13:00.250000Z"}}
    assert kind.renewed(lease) == datetime(2026, 11, 23, 16, 13, 0, 250000, UTC)


@pytest.mark.parametrize(("status", "ready"), [("True", True), ("False", False), ("Unknown", False)])
def test_a_node_is_ready_when_it_says_so(status: str, ready: bool) -> None:
    node = {"status": {"conditions": [{"type": "Ready", "status": status}]}}
    assert kind.condition(node, "Ready") is ready


def test_a_node_that_says_nothing_is_not_ready() -> None:
    assert kind.condition({}, "Ready") is False
