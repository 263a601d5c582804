"""Compiles what is written in Go: sources of this folder, or a program by its public name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from .commands import output
from .errors import ClusterError, CommandError
from .versions import GO_AT_LEAST, parse

# Small static programs that are the same wherever they are built.
_FLAGS = ["-trimpath", "-buildvcs=false"]


def compiler() -> str:
    """The path of `go`. Raises ClusterError when there is none, or one too old."""
    wanted = ".".join(map(str, GO_AT_LEAST))
    go = shutil.which("go")
    if go is None:
        raise ClusterError(
            f"go {wanted} or newer is needed to build tools and is not on PATH; see "
            "https://go.dev/doc/install, or on Debian 13: "
            "`apt-get install -t trixie-backports golang-go`"
        )
    version = parse(output([go, "version"]))
    if version is None or version[:2] < GO_AT_LEAST:
        found = ".".join(map(str, version or ()))
        raise ClusterError(f"go {wanted} or newer is needed, {go} is {found}; see https://go.dev/doc/install")
    return go


def build(module: Path, target: Path, variables: Mapping[str, str]) -> None:
    """Compile the main package of a module of this repository to `target`.

    `variables` are Go string variables, by full name, that are set at link time.
    """
    settings = [f"-X {name}={value}" for name, value in variables.items()]
    flags = [*_FLAGS, "-ldflags", " ".join(["-s", "-w", *settings])]
    _go(["build", *flags, "-o", str(target), "."], cwd=module)


def install(package: str, version: str, folder: Path, variables: Mapping[str, str]) -> None:
    """Compile a public program into `folder`, under the last part of its package's name."""
    settings = [f"-X {name}={value}" for name, value in variables.items()]
    flags = [*_FLAGS, "-ldflags", " ".join(["-s", "-w", *settings])]
    _go(["install", *flags, f"{package}@{version}"], env={"GOBIN": str(folder)})


def module_folder(module: str, version: str) -> Path:
    """The folder of a module's sources, downloaded if need be."""
    _go(["mod", "download", f"{module}@{version}"])
    cache = output([compiler(), "env", "GOMODCACHE"]).strip()
    return Path(cache) / f"{module}@{version}"


def _go(
    arguments: Sequence[str],
    *,
    cwd: Path = Path("/"),
    env: Mapping[str, str] = {},
) -> None:
    static = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": os.environ.get("GOFLAGS", "")}
    try:
        output([compiler(), *arguments], cwd=cwd, env={**static, **env})
    except CommandError as error:
        raise ClusterError(
            f"{error}\nIf modules could not be fetched: GOPROXY says where they come from (`go env GOPROXY`)"
        ) from error
