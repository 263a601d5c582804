"""The image that kind's nodes run: the public one, or one built here where that cannot be had.

It is built once for its inputs: its name in the engine carries a key over them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import base_image, golang, node_files, tools, versions
from .commands import output, pipe
from .engine import MADE_HERE, Engine
from .keys import content_key
from .places import SOURCES, Places
from .progress import step

PROGRAMS = ("kubernetes", "coredns", "local-path-provisioner", "pause")
_IMPORT = ("ctr", "-n", "k8s.io", "images", "import", "--all-platforms", "--no-unpack", "-")
REPOSITORY = "videojobs.dev/kindest-node"
# What node-image/Dockerfile stands on. Debian 13's systemd no longer starts on a machine with cgroup v1.
BASE = "debian:bookworm-slim"


def ensure(places: Places, engine: Engine) -> str | None:
    """The name of the image for `kind create cluster`; None for kind's own default, if at hand."""
    name = f"{REPOSITORY}:{versions.KUBERNETES}-{_key()}"
    if engine.has("image", name):
        return name
    if engine.offers(_public()):
        return None
    _build(places, engine, name)
    return name


def prepare(places: Places) -> None:
    """Build the programs that the image is made of; the long part, which needs no engine."""
    for program in PROGRAMS:
        tools.ensure(places, program)


def _key() -> str:
    inputs = [Path(__file__), Path(node_files.__file__), SOURCES / "node-image"]
    return content_key(*inputs, versions.KIND, *(tools.BUILT[name].key() for name in PROGRAMS))


def _public() -> str:
    """The image, with its digest, that this version of kind takes by default."""
    module = golang.module_folder("sigs.k8s.io/kind", versions.KIND)
    text = (module / "pkg/apis/config/defaults/image.go").read_text()
    return text.split('const Image = "', 1)[1].split('"', 1)[0]


def _build(places: Places, engine: Engine, name: str) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        # One waits for the network and the disk, the other for the processors.
        base = pool.submit(base_image.ensure, engine, BASE)
        prepare(places)
        base.result()
    module = golang.module_folder("sigs.k8s.io/kind", versions.KIND)
    with (
        step("building the node image", "90 s"),
        tempfile.TemporaryDirectory(prefix="videojobs-node-") as scratch,
    ):
        context = Path(scratch)
        images = _fill(places, module, context)
        targets = sorted({target for target, _ in images})
        for target in ("node", *targets):
            _build_target(engine, context, target)
        _import(engine, _save_names(engine, images), name)


def _fill(places: Places, module: Path, context: Path) -> Sequence[tuple[str, str]]:
    """Lay out the build context; gives the images to import, as pairs of target and name."""
    shutil.copyfile(SOURCES / "node-image/Dockerfile", context / "Dockerfile")
    node_files.copy_base_files(module, context / "files")
    folders = {program: tools.ensure(places, program) for program in PROGRAMS}
    shutil.copytree(folders["kubernetes"], context / "kubernetes", symlinks=True)
    for program in PROGRAMS[1:]:
        shutil.copy(folders[program], context / program)
    cni, cni_images = node_files.manifest(module, "const_cni.go", "defaultCNIManifest")
    storage, storage_images = node_files.manifest(module, "const_storage.go", "defaultStorageManifest")
    manifests = context / "kind/manifests"
    manifests.mkdir(parents=True)
    (manifests / "default-cni.yaml").write_text(cni)
    (manifests / "default-storage.yaml").write_text(storage)
    (context / "kind/version").write_text(versions.KUBERNETES)
    sandbox = node_files.sandbox_image(context / "files")
    kubeadm = str(folders["kubernetes"] / "kubeadm")
    command = [kubeadm, "config", "images", "list", "--kubernetes-version", versions.KUBERNETES]
    required = output(command).split()
    return [
        *((target_of(image), image) for image in [*required, sandbox]),
        *(("kindnetd", image) for image in cni_images.values()),
        *(("component", image) for image in storage_images.values()),
    ]


def target_of(image: str) -> str:
    """Which target of the Dockerfile serves an image of kubeadm's list."""
    program = image.rsplit("/", 1)[-1].split(":", 1)[0]
    return program if program in ("coredns", "pause") else "component"


def _temporary(target: str) -> str:
    return f"videojobs.dev/building-{target}:{os.getpid()}"


def _build_target(engine: Engine, context: Path, target: str) -> None:
    output(
        [str(engine.client), "build", "-q", "--target", target, "-t", _temporary(target), "."],
        env={**engine.env, "DOCKER_BUILDKIT": "1"},
        cwd=context,
    )


def _save_names(engine: Engine, images: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    for target, image in images:
        engine.docker("tag", _temporary(target), image)
    return {image: target for target, image in images}


def _import(engine: Engine, images: Mapping[str, str], name: str) -> None:
    """Put the images into the containerd of the node image, as kind's own build does."""
    container = f"videojobs-building-{os.getpid()}"
    run = ["run", "-d", "--name", container, "--privileged", "--entrypoint=sleep"]
    engine.docker(*run, _temporary("node"), "infinity")
    try:
        engine.docker("exec", "-d", container, "containerd")
        ready = "until ctr version >/dev/null 2>&1; do sleep 0.1; done"
        engine.docker("exec", container, "timeout", "60", "sh", "-c", ready)
        pipe(
            [str(engine.client), "save", *images],
            [str(engine.client), "exec", "-i", container, *_IMPORT],
            env=engine.env,
        )
        engine.docker("exec", container, "sh", "-c", 'kill "$(pidof containerd)"')
        entrypoint = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
        label = f"LABEL {MADE_HERE}=true"
        engine.docker("commit", "--change", entrypoint, "--change", label, container, name)
    finally:
        engine.docker("rm", "-f", "-v", container)
        temporary = [_temporary(target) for target in {"node", *images.values()}]
        engine.docker("image", "rm", "--no-prune", *temporary, *images)
