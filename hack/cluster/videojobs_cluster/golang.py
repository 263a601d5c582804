"""Compiles what is written in Go: sources of this folder, or a program by its public name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from .commands import output
from .errors import ClusterError, CommandError
from .versions import GO_AT_LEAST, GO_THAT_FETCHES, GO_TOOLCHAIN, parse

_HOW_TO_GET_IT = "`apt-get install golang-go` on Debian 13 or newer; elsewhere https://go.dev/doc/install"
# Small static programs that are the same wherever they are built.
_FLAGS = ["-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"]
# Seldom collecting garbage, and leaving out what only debuggers read, spare a tenth of the compiler's time each.
_COMPILER = {"CGO_ENABLED": "0", "GOWORK": "off", "GOGC": "400"}


def compiler() -> tuple[str, Mapping[str, str]]:
    """The path of `go`, and what its environment needs.

    A Go that is a little old fetches the one it needs by itself, as a module, when it may.
    Raises ClusterError when there is none, or one too old for that.
    """
    go = shutil.which("go")
    if go is None:
        raise ClusterError(f"go is needed to build tools and is not on PATH. {_HOW_TO_GET_IT}")
    version = parse(output([go, "version"], cwd=Path("/"))) or (0, 0)
    if version >= GO_AT_LEAST:
        return go, {}
    if version >= GO_THAT_FETCHES and "GOTOOLCHAIN" not in os.environ:
        return go, {"GOTOOLCHAIN": GO_TOOLCHAIN}
    wanted, found = (".".join(map(str, one)) for one in (GO_AT_LEAST, version))
    raise ClusterError(f"go {wanted} or newer is needed, {go} is {found}. {_HOW_TO_GET_IT}")


def build(module: Path, package: str, target: Path, variables: Mapping[str, str]) -> None:
    """Compile a main package, as seen by a module of this repository, to `target`.

    `variables` are Go string variables, by full name, that are set at link time.
    """
    settings = [f"-X {name}={value}" for name, value in variables.items()]
    flags = [*_FLAGS, "-ldflags", " ".join(["-s", "-w", *settings])]
    _go(["build", *flags, "-o", str(target), package], cwd=module)


def install(package: str, version: str, folder: Path, variables: Mapping[str, str]) -> None:
    """Compile a public program into `folder`, under the last part of its package's name."""
    settings = [f"-X {name}={value}" for name, value in variables.items()]
    flags = [*_FLAGS, "-ldflags", " ".join(["-s", "-w", *settings])]
    _go(["install", *flags, f"{package}@{version}"], env={"GOBIN": str(folder)})


def module_folder(module: str, version: str) -> Path:
    """The folder of a module's sources, downloaded if need be."""
    _go(["mod", "download", f"{module}@{version}"])
    go, environment = compiler()
    cache = output([go, "env", "GOMODCACHE"], env=environment, cwd=Path("/")).strip()
    return Path(cache) / f"{module}@{version}"


def _go(
    arguments: Sequence[str],
    *,
    cwd: Path = Path("/"),
    env: Mapping[str, str] = {},
) -> None:
    go, environment = compiler()
    try:
        output([go, *arguments], cwd=cwd, env={**_COMPILER, **environment, **env})
    except CommandError as error:
        raise ClusterError(
            f"{error}\nIf modules could not be fetched: GOPROXY says where they come from (`go env GOPROXY`)"
        ) from error
