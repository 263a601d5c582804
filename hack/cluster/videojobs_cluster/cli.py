"""The commands of hack/cluster/cluster, and what they print."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from . import engine, gpu, images, network, node_image, tools
from .errors import ClusterError
from .kind import Kind, check_name, condition, kubeconfig_path
from .places import Places
from .progress import say

NAME = "videojobs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 for what the user can mend, said in words."""
    options = parse(arguments)
    try:
        if hasattr(options, "name"):
            check_name(options.name)
        options.run(Places.from_environment(os.environ), options)
    except ClusterError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command takes up where it was\n")
        return 130
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse, letting `build` have its context after the options, as docker's has.

    argparse would take an optional argument for absent at the first option that it meets.
    """
    top = parser()
    options, rest = top.parse_known_args(arguments)
    if options.command == "build" and len(rest) == 1 and not rest[0].startswith("-"):
        options.context = Path(rest.pop())
    if rest:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="cluster", description="A real Kubernetes (kind) on this machine.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str, *, cluster: bool = True) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        if cluster:
            one.add_argument("--name", default=NAME, help="the cluster (default: %(default)s)")
        return one

    one = command("up", up, "Create the cluster, or start what of it is stopped.")
    one.add_argument("--workers", type=int, default=1, help="nodes that run pods (default: 1)")
    one = command("down", down, "Delete the cluster, and stop the engine that `up` started.")
    one.add_argument("--purge", action="store_true", help="remove built tools and images, too")
    command("env", env, "Print lines for eval that make kubectl, kind, helm and docker speak to it.")
    command("status", status, "Show the engine, the nodes and where things are.")
    one = command("load", load, "Bring images to the nodes that do not have them.")
    one.add_argument("images", nargs="+", metavar="IMAGE")
    one = command("gpu", gpus, "Let a node offer COUNT simulated GPUs (0: none).")
    one.add_argument("node", metavar="NODE")
    one.add_argument("count", metavar="COUNT", type=int)
    one = command("build", build, "Build an image with the cluster's engine.", cluster=False)
    one.add_argument("tag", metavar="TAG")
    one.add_argument("-f", "--file", required=True, type=Path, metavar="DOCKERFILE")
    one.add_argument("--target", default="", metavar="STAGE", help="the stage to build (default: the last)")
    one.add_argument("--build-arg", action="append", default=[], metavar="K=V")
    one.add_argument("context", nargs="?", default=Path(), type=Path, metavar="CONTEXT")
    one = command("tools", ensure_tools, "Have tools at hand and print their paths.", cluster=False)
    one.add_argument("tools", nargs="*", metavar="NAME", help=f"of {', '.join(tools.ALL)}")
    return top


def up(places: Places, options: argparse.Namespace) -> None:
    if not 0 <= options.workers <= 20:
        raise ClusterError(f"--workers {options.workers}: from 0 to 20")
    with places.lock("clusters"):
        _up(places, options.name, options.workers)
    say(f'cluster {options.name} is up; to use it: eval "$({_program()} env{_flag(options)})"')


def _up(places: Places, name: str, workers: int) -> None:
    running = engine.ensure(places)
    kind = Kind(places, running)
    present = name in kind.names()
    if present and places.kubeconfig(name).exists():
        _link(places, running)
        _revive(kind, name, workers)
        return
    if present and places.cluster(name).exists():
        say(f"cluster {name} was left unfinished; making it anew")
        kind.delete(name)
    elif present:
        raise ClusterError(f"the engine has a cluster {name} that was not made here; choose another --name")
    image = node_image.ensure(places, running)
    if image is not None:
        running.forget_others(node_image.REPOSITORY, keep=image)
    _link(places, running)
    network.before(places, running)
    kind.create(name, image, workers)


def _revive(kind: Kind, name: str, workers: int) -> None:
    nodes = kind.nodes(name)
    if len(nodes) != workers + 1:
        say(f"cluster {name} has {len(nodes) - 1} workers; `down` first to have {workers}")
    if kind.start(name) or not kind.is_ready(name):
        kind.wait(name)


def down(places: Places, options: argparse.Namespace) -> None:
    with places.lock("clusters"):
        _down(places, options.name)
    if options.purge:
        purge(places)


def _down(places: Places, name: str) -> None:
    running = engine.find(places)
    if not places.cluster(name).exists():
        say(f"there is no cluster {name} that was made here")
    elif running is not None or engine.has_data(places):
        # If its engine does not run, only that one can remove the nodes, which are its containers.
        running = running or engine.ensure(places)
        Kind(places, running).delete(name)
    if running is not None and not places.clusters():
        network.remove(places, running)
        if running.own and not running.docker("ps", "-q"):
            engine.stop(places)


def purge(places: Places) -> None:
    """Remove all that was built and kept. Raises ClusterError while a cluster needs it."""
    left = places.clusters()
    if left:
        raise ClusterError(f"--purge: first `down` for {', '.join(left)}, whose tools these are")
    running = engine.find(places)
    if running is not None:
        images.remove_made_here(running)
    shutil.rmtree(places.cache, ignore_errors=True)


def env(places: Places, options: argparse.Namespace) -> None:
    kubeconfig = kubeconfig_path(places, options.name)
    running = engine.find(places)
    print(f"export KUBECONFIG={shlex.quote(str(kubeconfig))}")
    if running is not None and running.host:
        print(f"export DOCKER_HOST={shlex.quote(running.host)}")
    print(f"export VIDEOJOBS_MEDIA={shlex.quote(str(places.media(options.name)))}")
    print(f'export PATH={shlex.quote(str(places.bin))}:"$PATH"')


def status(places: Places, options: argparse.Namespace) -> None:
    running = engine.find(places)
    if running is None:
        print("engine   none answers")
    else:
        print(f"engine   {'our own' if running.own else 'found'}, {running.host or 'default address'}")
        _nodes(Kind(places, running), options.name)
    print(f"cache    {places.cache}")


def _nodes(kind: Kind, name: str) -> None:
    if name not in kind.names():
        print(f"cluster  {name}: none; `{_program()} up`")
        return
    print(f"cluster  {name}: {'ready' if kind.is_ready(name) else 'not ready'}")
    for node in kind.node_objects(name) if kind.is_ready(name) else []:
        state = "ready" if condition(node, "Ready") else "not ready"
        version = node["status"]["nodeInfo"]["kubeletVersion"]
        print(f"node     {node['metadata']['name']}  {state}  {version}  GPUs {gpu.offered(node)}")
    print(f"media    {kind.places.media(name)} (/var/lib/videojobs/media in the nodes)")
    print(f"config   {kind.places.kubeconfig(name)}")


def build(places: Places, options: argparse.Namespace) -> None:
    running = engine.ensure(places)
    wanted = images.Build(options.tag, options.file, options.context, options.build_arg, options.target)
    images.build(running, wanted, os.environ, places.build_log(options.tag))


def load(places: Places, options: argparse.Namespace) -> None:
    images.load(_running(places, options.name), options.name, options.images)


def gpus(places: Places, options: argparse.Namespace) -> None:
    gpu.offer(_running(places, options.name), options.name, options.node, options.count)


def ensure_tools(places: Places, options: argparse.Namespace) -> None:
    for name in options.tools or [*tools.BUILT, "kubectl"]:
        path = tools.ensure(places, name)
        tools.link(places, {path.name: path} if path.is_file() else {})
        print(path, flush=True)


def _running(places: Places, name: str) -> Kind:
    kubeconfig_path(places, name)
    return Kind(places, engine.ensure(places))


def _link(places: Places, running: engine.Engine) -> None:
    programs = {name: tools.ensure(places, name) for name in ("kubectl", "kind")}
    tools.link(places, {**programs, "docker": running.client})


def _program() -> str:
    return sys.argv[0]


def _flag(options: argparse.Namespace) -> str:
    return "" if options.name == NAME else f" --name {options.name}"
