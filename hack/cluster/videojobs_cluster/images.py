"""Builds the project's images with the engine that the cluster uses, and brings them to its nodes.

Builds reach package registries as this machine does: its CA bundle and pip settings go in as
build secrets, which end in no layer, and its proxies as build arguments.
"""

from __future__ import annotations

import configparser
import contextlib
import io
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import base_image
from .engine import MADE_HERE, Engine
from .errors import ClusterError
from .kind import Kind
from .progress import say, step

_CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# pip's settings that name files of this machine, which a build does not see.
_LOCAL_PIP_SETTINGS = ("cert", "client-cert", "find-links", "cache-dir", "log")
_PIP_ENVIRONMENT = ("index-url", "extra-index-url", "trusted-host", "default-timeout", "no-index")


@dataclass(frozen=True)
class Build:
    """What is built: an image, or one stage of it."""

    tag: str
    dockerfile: Path
    context: Path
    arguments: Sequence[str] = ()
    target: str = ""


def build(engine: Engine, wanted: Build, environment: Mapping[str, str], log: Path) -> None:
    """Build an image; what the engine says goes to the log.

    Raises ClusterError with the end of it when the build fails.
    """
    if not wanted.dockerfile.is_file():
        raise ClusterError(f"-f {wanted.dockerfile}: there is no such file")
    if not wanted.context.is_dir():
        raise ClusterError(f"the build's context {wanted.context} is not a folder")
    for base in debian_bases(wanted.dockerfile.read_text(), wanted.arguments):
        base_image.ensure(engine, base)
    arguments = [*wanted.arguments, *proxy_arguments(environment)]
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"the engine's words are in {log}")
    with step(f"building image {wanted.tag}"), secrets(environment) as secret_flags, log.open("wb") as words:
        command = [str(engine.client), "build", "--tag", wanted.tag, "--file", str(wanted.dockerfile)]
        flags = [f"--build-arg={argument}" for argument in arguments]
        flags += [f"--target={wanted.target}"] if wanted.target else []
        done = subprocess.run(
            [*command, *flags, *secret_flags, str(wanted.context)],
            env={**os.environ, **engine.env, "DOCKER_BUILDKIT": "1"},
            stdout=words,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise ClusterError(f"image {wanted.tag} was not built; the log {log} ends with:\n{tail}")


def load(kind: Kind, cluster: str, images: Sequence[str]) -> None:
    """Bring images to the nodes that do not have them yet, or have others by their names.

    Raises ClusterError when the engine has no such image.
    """
    wanted = {image: image_id(kind.engine, image) for image in images}
    stale: dict[str, list[str]] = {}
    for node in kind.nodes(cluster):
        present = loaded(kind.engine, node)
        for image, identity in wanted.items():
            if present.get(image) != identity:
                stale.setdefault(image, []).append(node)
    for nodes in {tuple(nodes) for nodes in stale.values()}:
        names = [image for image in stale if tuple(stale[image]) == nodes]
        with step(f"loading {', '.join(names)} to {', '.join(nodes)}"):
            kind.load(cluster, names, nodes)
            for node in nodes:
                _remember(kind.engine, node, {name: wanted[name] for name in names})


def remove_made_here(engine: Engine) -> None:
    """Remove the images that this program made in an engine that others use, too."""
    made = engine.docker("image", "ls", "-q", "--filter", f"label={MADE_HERE}").split()
    if made:
        engine.docker("image", "rm", "--force", *sorted(set(made)))


def image_id(engine: Engine, image: str) -> str:
    if not engine.has("image", image):
        raise ClusterError(f"there is no image {image}; `hack/cluster/cluster build {image} ...`")
    return engine.docker("image", "inspect", "-f", "{{.Id}}", image).strip()


_LEDGER = "/kind/loaded-images"


def loaded(engine: Engine, node: str) -> dict[str, str]:
    """The images that we loaded to a node, by name, with their ids.

    containerd names images by other digests than Docker does, so the node keeps a ledger; it
    counts only for images that containerd still has.
    """
    script = f"cat {_LEDGER} 2>/dev/null; ctr -n k8s.io images ls -q"
    return still_loaded(engine.docker("exec", node, "sh", "-c", script))


def still_loaded(listing: str) -> dict[str, str]:
    """From lines `loaded NAME ID` of the ledger and lines of names that containerd has."""
    lines = [line.split() for line in listing.splitlines()]
    names = {fields[0] for fields in lines if len(fields) == 1}
    ledger = [fields[1:] for fields in lines if len(fields) == 3 and fields[0] == "loaded"]
    return {name: identity for name, identity in ledger if qualified(name) in names}


def qualified(image: str) -> str:
    """An image's whole name, as containerd keeps it: `redis` is docker.io/library/redis:latest."""
    host, slash, rest = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in host and ":" not in host and host != "localhost":
        image = f"docker.io/{host}/{rest}"
    tagged = ":" in image.rsplit("/", 1)[-1] or "@" in image
    return image if tagged else f"{image}:latest"


def _remember(engine: Engine, node: str, identities: Mapping[str, str]) -> None:
    # The last line of a name counts, so appending is enough.
    lines = "".join(f"loaded {name} {identity}\n" for name, identity in identities.items())
    engine.docker("exec", "-i", node, "sh", "-c", f"cat >> {_LEDGER}", stdin=lines)


def debian_bases(dockerfile: str, build_arguments: Sequence[str]) -> list[str]:
    """The images under a Dockerfile, with its arguments, that we may have to make."""
    values = dict(re.findall(r"^ARG\s+(\w+)=(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE))
    given = (argument.partition("=") for argument in build_arguments)
    values.update({name: value for name, _, value in given})
    stages = re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE)
    images = (re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match.group(1), ""), stage) for stage in stages)
    return [image for image in dict.fromkeys(images) if base_image.release_of(image)]


def proxy_arguments(environment: Mapping[str, str]) -> list[str]:
    """Build arguments for the proxies that this machine uses; Docker keeps them out of images."""
    names = [*_PROXY_VARIABLES, *(name.lower() for name in _PROXY_VARIABLES)]
    return [f"{name}={environment[name]}" for name in names if environment.get(name)]


@contextlib.contextmanager
def secrets(environment: Mapping[str, str]) -> Iterator[list[str]]:
    """Flags for the build's secrets: `ca` (a bundle, PEM) and `pip_conf` (a pip.conf), if there are."""
    flags = []
    bundle = next((environment[name] for name in _CA_VARIABLES if environment.get(name)), None)
    if bundle and Path(bundle).is_file():
        flags.append(f"--secret=id=ca,src={bundle}")
    settings = pip_settings(_pip_files(environment), environment)
    with tempfile.TemporaryDirectory(prefix="videojobs-secrets-") as scratch:
        if settings:
            file = Path(scratch) / "pip.conf"
            file.touch(mode=0o600)
            file.write_text(settings)
            flags.append(f"--secret=id=pip_conf,src={file}")
        yield flags


def pip_settings(files: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """A pip.conf of what pip's own files (as texts) and variables say, without paths of this
    machine; None when they say nothing.
    """
    merged = configparser.RawConfigParser()
    merged["global"] = {}
    for text in files:
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        for section in ("global", "install"):
            if parser.has_section(section):
                merged["global"].update(dict(parser.items(section)))
    for setting in _PIP_ENVIRONMENT:
        value = environment.get("PIP_" + setting.upper().replace("-", "_"))
        if value:
            merged["global"][setting] = value
    for setting in _LOCAL_PIP_SETTINGS:
        merged.remove_option("global", setting)
    if not merged["global"]:
        return None
    written = io.StringIO()
    merged.write(written)
    return written.getvalue()


def _pip_files(environment: Mapping[str, str]) -> list[str]:
    home = Path(environment.get("HOME", "/nonexistent"))
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    places = [Path("/etc/pip.conf"), home / ".pip/pip.conf", config / "pip/pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        places.append(Path(environment["PIP_CONFIG_FILE"]))
    return [place.read_text() for place in places if place.is_file()]
