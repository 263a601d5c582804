"""Builds get this machine's way to packages, and nodes get an image once."""

from __future__ import annotations

import configparser
import stat
from pathlib import Path

import pytest

from videojobs_cluster import images
from videojobs_cluster.engine import Engine
from videojobs_cluster.errors import ClusterError
from videojobs_cluster.images import Build

NO_ENGINE = Engine(Path("/nonexistent/docker"), host=None, own=False)


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("redis", "docker.io/library/redis:latest"),
        ("redis:8", "docker.io/library/redis:8"),
        ("videojobs/worker:1", "docker.io/videojobs/worker:1"),
        ("localhost:5000/worker", "localhost:5000/worker:latest"),
        ("registry.example/a/b:1", "registry.example/a/b:1"),
        ("registry.example/a@sha256:00", "registry.example/a@sha256:00"),
    ],
)
def test_names_images_as_containerd_does(given: str, whole: str) -> None:
    assert images.qualified(given) == whole


def test_the_last_load_of_a_name_counts_while_the_image_is_there() -> None:
    listing = """\
loaded videojobs/worker:1 sha256:old
loaded videojobs/worker:1 sha256:new
loaded videojobs/gone:1 sha256:gone
docker.io/videojobs/worker:1
registry.k8s.io/pause:3.10
"""
    assert images.still_loaded(listing) == {"videojobs/worker:1": "sha256:new"}


def test_a_fresh_node_has_nothing_loaded() -> None:
    assert images.still_loaded("registry.k8s.io/pause:3.10\n") == {}


@pytest.mark.parametrize(
    ("dockerfile", "arguments", "bases"),
    [
        ("FROM debian:trixie-slim\n", [], ["debian:trixie-slim"]),
        ("FROM debian:bookworm-slim AS a\nFROM debian:bookworm-slim\n", [], ["debian:bookworm-slim"]),
        ("FROM debian:bookworm-slim AS a\nFROM debian:sid-slim\n", [], ["debian:bookworm-slim", "debian:sid-slim"]),
        ("FROM --platform=linux/amd64 debian:trixie-slim AS a\n", [], ["debian:trixie-slim"]),
        ("ARG BASE=debian:trixie-slim\nFROM ${BASE}\n", [], ["debian:trixie-slim"]),
        ("ARG BASE=debian:trixie-slim\nFROM $BASE\n", ["BASE=nvidia/cuda:13"], []),
        ("ARG BASE=python:3.13\nFROM $BASE\n", ["BASE=debian:trixie-slim"], ["debian:trixie-slim"]),
        ("FROM registry.example/debian:trixie-slim\n", [], []),
        ("FROM debian:trixie-slim@sha256:0123\n", [], []),
        ("FROM scratch\n# FROM debian:trixie-slim\n", [], []),
    ],
)
def test_makes_the_base_images_for_those_who_stand_on_them(
    dockerfile: str, arguments: list[str], bases: list[str]
) -> None:
    assert images.debian_bases(dockerfile, arguments) == bases


def test_proxies_become_build_arguments() -> None:
    environment = {"HTTPS_PROXY": "http://p.example:3128", "no_proxy": "a,b", "HTTP_PROXY": ""}
    assert images.proxy_arguments(environment) == [
        "HTTPS_PROXY=http://p.example:3128",
        "no_proxy=a,b",
    ]


def settings(text: str | None) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read_string(text or "")
    return dict(parser["global"])


def test_pips_settings_are_merged_and_the_environment_wins() -> None:
    files = ["[global]\nindex-url = https://a.example/simple\ntimeout = 5\n[install]\npre = yes\n"]
    environment = {"PIP_INDEX_URL": "https://b.example/simple"}
    assert settings(images.pip_settings(files, environment)) == {
        "index-url": "https://b.example/simple",
        "timeout": "5",
        "pre": "yes",
    }


@pytest.mark.parametrize("setting", ["cert = /etc/ca.pem", "find-links = /opt/wheels"])
def test_paths_of_this_machine_stay_here(setting: str) -> None:
    assert images.pip_settings([f"[global]\n{setting}\n"], {}) is None


def test_secrets_are_files_that_only_their_owner_reads_and_that_go_away(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("certificate")
    environment = {"PIP_CERT": str(bundle), "PIP_INDEX_URL": "https://user:secret@b.example/"}
    with images.secrets(environment) as flags:
        ca, pip = flags
        file = Path(pip.rpartition("src=")[2])
        assert ca == f"--secret=id=ca,src={bundle}"
        assert "secret@b.example" in file.read_text()
        assert "secret@" not in pip
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.exists()


def test_without_bundle_and_settings_there_are_no_secrets(tmp_path: Path) -> None:
    with images.secrets({"HOME": str(tmp_path), "SSL_CERT_FILE": "/nonexistent"}) as flags:
        assert [flag for flag in flags if "id=ca" in flag] == []


@pytest.mark.parametrize(
    ("dockerfile", "context", "complaint"),
    [("nowhere", ".", "nowhere: there is no such file"), ("Dockerfile", "no", "is not a folder")],
)
def test_says_what_is_not_there_before_it_builds(tmp_path: Path, dockerfile: str, context: str, complaint: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(ClusterError, match=complaint):
        images.build(NO_ENGINE, Build("x:1", tmp_path / dockerfile, tmp_path / context), {}, tmp_path / "log")


def build_with(engine_script: str, folder: Path) -> None:
    """Build by an engine that is a script."""
    client, dockerfile = folder / "docker", folder / "Dockerfile"
    client.write_text(f"#!/bin/sh\n{engine_script}\n")
    client.chmod(0o755)
    dockerfile.write_text("FROM scratch\n")
    images.build(Engine(client, host=None, own=False), Build("x:1", dockerfile, folder), {}, folder / "logs" / "x.log")


def test_what_an_engine_says_of_a_build_goes_to_its_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    build_with("echo step one; echo step two >&2", tmp_path)
    assert (tmp_path / "logs" / "x.log").read_text() == "step one\nstep two\n"
    told = capfd.readouterr()
    assert "building image x:1" in told.err
    assert "step" not in told.out + told.err


def test_a_build_that_fails_says_how_its_log_ends(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"logs/x\.log ends with:\n(.*\n)*no such package") as refused:
        build_with("seq 1000; echo no such package >&2; exit 1", tmp_path)
    assert len(str(refused.value).splitlines()) < 40


def test_says_how_to_come_by_an_image() -> None:
    with pytest.raises(ClusterError, match="cluster build videojobs/worker:1"):
        images.image_id(NO_ENGINE, "videojobs/worker:1")
