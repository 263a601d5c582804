"""ffmpeg of another Debian release than this machine's, with all its libraries and its own libc, in a folder.

apt finds and fetches the packages as if nothing was installed, into places of its own; nothing of this machine changes
and root is not needed. The programs are started through that release's dynamic loader, under their own names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from . import base_image
from .commands import output
from .errors import ClusterError
from .keys import content_key
from .places import Places
from .progress import step

# By the tool's name: the release that the worker's image is made of.
RELEASES = {"ffmpeg-7": "trixie"}
_PROGRAMS = ("ffmpeg", "ffprobe")
# Where Debian keeps libraries that it finds by ld.so.conf.d, by alternatives or by a run path.
_LIBRARIES = ("", "blas", "lapack", "pulseaudio")
# Documents, and what draws on a screen; the worker's image is without them, too.
_UNNEEDED = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/lib/llvm-*", "usr/lib/*/dri"),
    *("usr/lib/*/libLLVM*", "usr/lib/*/libgallium-*", "usr/lib/*/libz3.so*"),
)


def ensure(places: Places, name: str) -> Path:
    """The folder with ffmpeg and ffprobe, fetched if need be. Raises ClusterError where apt cannot."""
    release = RELEASES[name]
    folder = places.tools / f"{name}-{release}-{content_key(Path(__file__))}"
    if not folder.exists():
        with places.lock(f"tool-{name}"):
            if not folder.exists():
                _fetch(release, folder)
    return folder / "bin"


def _fetch(release: str, folder: Path) -> None:
    """Make it beside the place, then move it there: what is in the cache is always whole."""
    if shutil.which("apt-get") is None:
        raise ClusterError(f"the ffmpeg of Debian's {release} is fetched with apt-get, which this system has not")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as scratch,
        step(f"fetching the ffmpeg of Debian's {release}", "30 s"),
    ):
        made = Path(scratch) / "made"
        made.mkdir(mode=0o755)
        for package in _packages(release, Path(scratch)):
            output(["dpkg-deb", "--extract", str(package), str(made / "root")])
        for pattern in _UNNEEDED:
            for path in (made / "root").glob(pattern):
                _remove(path)
        _add_programs(made, folder)
        made.rename(folder)


def _packages(release: str, scratch: Path) -> list[Path]:
    """ffmpeg's package and all that it depends on, down to libc."""
    (scratch / "status").touch()
    (scratch / "debian.sources").write_text(
        base_image.deb822(
            release,
            base_image.debian_mirrors(base_image.apt_sources()),
            base_image.security_mirrors(base_image.apt_sources()),
        )
    )
    for folder in ("lists/partial", "archives/partial"):
        (scratch / folder).mkdir(parents=True)
    settings = {
        "Dir::State::status": scratch / "status",
        "Dir::State::lists": scratch / "lists",
        "Dir::Cache": scratch,
        "Dir::Cache::archives": scratch / "archives",
        "Dir::Etc::sourcelist": scratch / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
        "Debug::NoLocking": "true",
    }
    options = [f"-o{name}={value}" for name, value in settings.items()]
    output(["apt-get", "-qq", *options, "update"])
    output(["apt-get", "-qq", "-y", *options, "--no-install-recommends", "--download-only", "install", "ffmpeg"])
    return sorted((scratch / "archives").glob("*.deb"))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _add_programs(made: Path, folder: Path) -> None:
    """Scripts in `bin` of what is to become `folder`."""
    loader = next((made / "root/usr/lib").glob("*-linux-gnu*/ld-linux*.so.*"), None)
    if loader is None:
        raise ClusterError(
            "the fetched packages have no dynamic loader: is this machine's architecture one of Debian's?"
        )
    inside = loader.parent.relative_to(made)
    search = os.pathsep.join(str(folder / inside / name) for name in _LIBRARIES)
    for name in ("bin", "loader"):
        (made / name).mkdir()
    for name in _PROGRAMS:
        # The kernel names a process after the file that it runs.
        os.link(loader.resolve(), made / "loader" / name)
        script = f'exec {folder}/loader/{name} --library-path {search} {folder}/root/usr/bin/{name} "$@"\n'
        (made / "bin" / name).write_text(f"#!/bin/sh\n{script}")
        (made / "bin" / name).chmod(0o755)
