"""The programs that a cluster needs: found on PATH, taken from the cache, or built from source."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import debian_ffmpeg, golang, packages, versions
from .commands import output
from .errors import ClusterError, CommandError
from .keys import content_key
from .places import SOURCES, Places
from .progress import step

COMPONENTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
    "kindnetd",
)
_VERSION_VARIABLE = "k8s.io/component-base/version"


def _never(_: versions.Version) -> bool:
    return False


@dataclass(frozen=True)
class Tool:
    """One program, how it is built, and which version of it on PATH will do as well.

    Built is the main package of `module`, a folder of this one; or `package` as that module has
    it; or, without a module, `package` in its own published version.
    """

    name: str
    version: str
    about: str
    module: Path | None = None
    package: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[str] = ()
    ask_version: Sequence[str] = ("version",)
    fits: Callable[[versions.Version], bool] = _never

    def key(self) -> str:
        inputs = [self.name, self.version, self.package, *map(str, self.variables.items())]
        return content_key(*inputs, *([self.module] if self.module else []), *self.links)


BUILT = {
    tool.name: tool
    for tool in (
        Tool(
            "kubernetes",
            versions.KUBERNETES,
            "4 min",
            module=SOURCES / "kubernetes",
            variables={
                f"{_VERSION_VARIABLE}.gitVersion": versions.KUBERNETES,
                f"{_VERSION_VARIABLE}.gitMajor": "1",
                f"{_VERSION_VARIABLE}.gitMinor": versions.KUBERNETES.split(".")[1],
                f"{_VERSION_VARIABLE}.gitTreeState": "clean",
            },
            links=COMPONENTS,
        ),
        Tool(
            "kind",
            versions.KIND,
            "5 s",
            package="sigs.k8s.io/kind",
            fits=lambda version: (0, 30) <= version < (1,),
        ),
        Tool(
            "helm",
            versions.HELM,
            "80 s",
            package="helm.sh/helm/v3/cmd/helm",
            variables={"helm.sh/helm/v3/internal/version.version": versions.HELM},
            ask_version=("version", "--short"),
            fits=lambda version: (3, 14) <= version < (4,),
        ),
        Tool(
            "kubeconform",
            versions.KUBECONFORM,
            "5 s",
            package="github.com/yannh/kubeconform/cmd/kubeconform",
            ask_version=("-v",),
            fits=lambda version: version >= (0, 6),
        ),
        Tool("versitygw", versions.VERSITYGW, "3 min", package="github.com/versity/versitygw/cmd/versitygw"),
        Tool(
            "docker-compose",
            versions.DOCKER_COMPOSE,
            "80 s",
            module=SOURCES / "compose",
            package="github.com/docker/compose/v2/cmd",
            variables={"github.com/docker/compose/v2/internal.Version": versions.DOCKER_COMPOSE},
            fits=lambda version: version >= (2, 24),
        ),
        Tool("coredns", "v1.13.1", "60 s", module=SOURCES / "coredns"),
        Tool(
            "local-path-provisioner",
            versions.LOCAL_PATH_PROVISIONER,
            "60 s",
            module=SOURCES / "local-path-provisioner",
            package="github.com/rancher/local-path-provisioner",
            variables={"main.VERSION": versions.LOCAL_PATH_PROVISIONER},
        ),
        Tool("pause", "1", "2 s", module=SOURCES / "pause"),
        Tool("device-plugin", "1", "10 s", module=SOURCES / "device-plugin"),
    )
}

# From Debian packages: the name of the program, and the package that has it.
PACKAGED = {
    "chromium": "chromium",
    "debootstrap": "debootstrap",
    "ffmpeg": "ffmpeg",
    "iptables": "iptables",
    "redis-server": "redis-server",
    "systemd-analyze": "systemd",
}

ALL = sorted([*BUILT, *PACKAGED, *debian_ffmpeg.RELEASES, "kubectl"])


def ensure(places: Places, name: str) -> Path:
    """The path of a program, built or installed if need be; for `kubernetes` and `ffmpeg-7`, of its folder.

    Raises ClusterError when it is unknown, or missing and cannot be had.
    """
    if name == "kubectl":
        return _on_path("kubectl", ("version", "--client"), versions.skew_fits) or (
            ensure(places, "kubernetes") / "kubectl"
        )
    if name in PACKAGED:
        return _packaged(name)
    if name in debian_ffmpeg.RELEASES:
        return debian_ffmpeg.ensure(places, name)
    if name not in BUILT:
        raise ClusterError(f"no tool is called {name!r}; there are {', '.join(ALL)}")
    tool = BUILT[name]
    found = None if tool.fits is _never else _on_path(name, tool.ask_version, tool.fits)
    return found or _cached(places, tool)


def link(places: Places, programs: Mapping[str, Path]) -> None:
    """Put programs into the cache's `bin`, which `cluster env` puts first on PATH."""
    places.bin.mkdir(parents=True, exist_ok=True)
    for name, path in programs.items():
        if path.parent == places.bin:
            continue
        fresh = places.bin / f".{name}.{os.getpid()}"
        fresh.symlink_to(path)
        fresh.replace(places.bin / name)


def _on_path(name: str, ask: Sequence[str], fits: Callable[[versions.Version], bool]) -> Path | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        version = versions.parse(output([path, *ask], timeout_s=30))
    except CommandError:
        return None
    return Path(path) if version is not None and fits(version) else None


def _packaged(name: str) -> Path:
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if shutil.which(name, path=search) is None:
        packages.install([PACKAGED[name]], name)
    path = shutil.which(name, path=search)
    if path is None:
        raise ClusterError(f"the package {PACKAGED[name]} is installed and brought no {name}")
    return Path(path)


def _cached(places: Places, tool: Tool) -> Path:
    folder = places.tools / f"{tool.name}-{tool.version}-{tool.key()}"
    answer = folder if tool.links else folder / tool.name
    if not folder.exists():
        with places.lock(f"tool-{tool.name}"):
            if not folder.exists():
                _build(tool, folder)
    return answer


def _build(tool: Tool, folder: Path) -> None:
    """Build beside the place, then move there: what is in the cache is always whole."""
    golang.compiler()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch,
        step(f"building {tool.name} {tool.version}", tool.about),
    ):
        made = Path(scratch) / "made"
        made.mkdir(mode=0o755)
        if tool.module is not None:
            golang.build(tool.module, tool.package or ".", made / tool.name, tool.variables)
        else:
            golang.install(tool.package, tool.version, made, tool.variables)
        for name in tool.links:
            (made / name).symlink_to(tool.name)
        made.rename(folder)
