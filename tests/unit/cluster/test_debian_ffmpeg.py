"""Another release's ffmpeg: fetched once, and started through the loader that it was built for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from videojobs_cluster import debian_ffmpeg, tools
from videojobs_cluster.errors import ClusterError
from videojobs_cluster.places import Places

# What apt-get downloads, and what unpacking it leaves: a loader that prints how it was started.
APT_GET = """#!/bin/sh
echo "$@" >> {log}
for option; do case $option in -oDir::Cache::archives=*) archives=${{option#*=}};; esac; done
case "$*" in *install*) touch "$archives/ffmpeg.deb" ;; esac
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/usr/lib/x86_64-linux-gnu/dri" "$3/usr/share/doc/ffmpeg"
touch "$3/usr/lib/x86_64-linux-gnu/libLLVM.so.19.1"
printf '#!/bin/sh\\necho "$0 $*"\\n' > "$3/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
chmod +x "$3/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for apt-get and dpkg-deb first on PATH, and what apt-get was asked for."""
    folder, log = tmp_path / "bin", tmp_path / "asked"
    folder.mkdir()
    for name, script in {"apt-get": APT_GET.format(log=log), "dpkg-deb": DPKG_DEB}.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


def test_its_programs_start_through_their_own_loader(tmp_path: Path, asked: Path) -> None:
    folder = tools.ensure(Places(tmp_path / "cache"), "ffmpeg-7")
    said = subprocess.run([folder / "ffprobe", "-i", "a b"], capture_output=True, text=True, check=True).stdout
    made = folder.parent
    libraries = made / "root/usr/lib/x86_64-linux-gnu"
    assert said.split(" ", 3)[0] == f"{made}/loader/ffprobe"
    assert said.split()[2].split(":")[0] == str(libraries)
    assert said.endswith(f" {made}/root/usr/bin/ffprobe -i a b\n")
    assert [path.name for path in libraries.iterdir()] == ["ld-linux-x86-64.so.2"]


def test_it_is_fetched_once(tmp_path: Path, asked: Path) -> None:
    places = Places(tmp_path / "cache")
    assert tools.ensure(places, "ffmpeg-7") == tools.ensure(places, "ffmpeg-7")
    assert len(asked.read_text().splitlines()) == 2  # update, install


def test_apt_reads_and_writes_nothing_of_this_machine(tmp_path: Path, asked: Path) -> None:
    places = Places(tmp_path / "cache")
    tools.ensure(places, "ffmpeg-7")
    for line in asked.read_text().splitlines():
        for setting in ("Dir::State::status", "Dir::State::lists", "Dir::Cache", "Dir::Etc::sourcelist"):
            assert f"-o{setting}={places.tools}/" in line
        assert "-oDir::Etc::sourceparts=/dev/null" in line


def test_without_apt_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match="fetched with apt-get, which this system has not"):
        debian_ffmpeg.ensure(Places(tmp_path / "cache"), "ffmpeg-7")
