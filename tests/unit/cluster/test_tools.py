"""A tool is taken from PATH, or from the cache, or built once; or its lack is explained."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videojobs_cluster import packages, tools
from videojobs_cluster.errors import ClusterError
from videojobs_cluster.places import Places

# Says, for `go version`, which one it is; for anything else it leaves a program where told.
GO = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  version) echo "go version go{version} linux/amd64" ;;
  install) {action} ;;
esac
"""


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(script)
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but what a test puts there, and the shell's own programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cp", "touch"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "cache")


def go(path: Path, log: Path, *, version: str = "1.26.1", action: str = 'touch "$GOBIN/kind"') -> None:
    program(path, "go", GO.format(log=log, version=version, action=action))


def test_takes_what_is_on_path_and_fits(path: Path, places: Places) -> None:
    kind = program(path, "kind", "#!/bin/sh\necho kind v0.32.0 go1.25 linux/amd64\n")
    assert tools.ensure(places, "kind") == kind


def test_builds_what_is_on_path_and_too_old(path: Path, places: Places, tmp_path: Path) -> None:
    program(path, "kind", "#!/bin/sh\necho kind v0.11.0\n")
    go(path, tmp_path / "log")
    built = tools.ensure(places, "kind")
    assert places.tools in built.parents


def test_builds_once(path: Path, places: Places, tmp_path: Path) -> None:
    go(path, tmp_path / "log")
    first = tools.ensure(places, "kind")
    assert tools.ensure(places, "kind") == first
    commands = (tmp_path / "log").read_text().splitlines()
    assert len([line for line in commands if line.startswith("install")]) == 1


def test_keeps_nothing_of_a_build_that_failed(path: Path, places: Places, tmp_path: Path) -> None:
    go(path, tmp_path / "log", action='touch "$GOBIN/kind"; echo no such module >&2; exit 1')
    with pytest.raises(ClusterError, match=r"(?s)no such module.*GOPROXY"):
        tools.ensure(places, "kind")
    assert list(places.tools.iterdir()) == []


@pytest.mark.usefixtures("path")
def test_names_the_compiler_that_is_missing(places: Places) -> None:
    with pytest.raises(ClusterError, match=r"go is needed .*not on PATH.*apt-get install golang-go"):
        tools.ensure(places, "kind")


def test_names_the_compiler_that_is_too_old(path: Path, places: Places, tmp_path: Path) -> None:
    go(path, tmp_path / "log", version="1.19.8")
    with pytest.raises(ClusterError, match=r"go 1\.25 or newer is needed, .*go is 1\.19\.8"):
        tools.ensure(places, "kind")


def test_a_compiler_a_little_old_fetches_the_one_it_needs(
    path: Path, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOTOOLCHAIN", raising=False)
    go(path, tmp_path / "log", version="1.24.4", action='echo "$GOTOOLCHAIN" > "$GOBIN/kind"')
    assert tools.ensure(places, "kind").read_text() == "go1.25.5+auto\n"


def test_names_the_tools_there_are(places: Places) -> None:
    with pytest.raises(ClusterError, match=r"no tool is called 'kubelt'; there are .*kubernetes"):
        tools.ensure(places, "kubelt")


@pytest.mark.usefixtures("path")
def test_names_the_command_where_there_is_no_apt() -> None:
    with pytest.raises(ClusterError, match=r"`apt-get install .* ffmpeg`; this system has no apt"):
        packages.install(["ffmpeg"], "ffmpeg")


def test_names_the_command_for_those_who_may_not_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path, "apt-get", "#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ClusterError, match=r"`sudo apt-get install .* ffmpeg`"):
        packages.install(["ffmpeg"], "ffmpeg")


def test_links_are_replaced_whole(places: Places, tmp_path: Path) -> None:
    for version in ("one", "two"):
        tools.link(places, {"kind": tmp_path / version})
    assert (places.bin / "kind").readlink() == tmp_path / "two"
    assert [entry.name for entry in places.bin.iterdir()] == ["kind"]
