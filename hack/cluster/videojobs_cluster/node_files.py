"""The files of kind's own base image and manifests, read from kind's Go module.

They are used from there, and not copied into this repository, so that node image and kind always
speak the same language. The few lines that differ are changed here, each with its reason.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .errors import ClusterError


def copy_base_files(module: Path, target: Path) -> None:
    """Copy kind's images/base/files to `target`, with the modes that its Dockerfile gives."""
    shutil.copytree(module / "images/base/files", target, copy_function=shutil.copyfile)
    target.chmod(0o755)
    for path in target.rglob("*"):
        program = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if program else 0o644)
    # Debian's containerd has no fuse-overlayfs snapshotter, which only rootless engines need.
    (target / "etc/systemd/system/containerd-fuse-overlayfs.service").unlink()
    _edit(
        target / "etc/containerd/config.toml",
        {
            # Without CAP_SYS_RESOURCE nobody may lower oom_score_adj; with it, nothing is lost here.
            "restrict_oom_score_adj = false": "restrict_oom_score_adj = true",
        },
    )
    _edit(target / "etc/systemd/system/containerd.service", {"OOMScoreAdjust=-999\n": ""})


def sandbox_image(files: Path) -> str:
    """The image that containerd's configuration names for the sandbox of every pod."""
    text = (files / "etc/containerd/config.toml").read_text()
    found = re.search(r'^\s*sandbox_image = "(.+)"', text, re.MULTILINE)
    if found is None:
        raise ClusterError("kind's containerd configuration names no sandbox image")
    return found.group(1)


def manifest(module: Path, source: str, name: str) -> tuple[str, dict[str, str]]:
    """A manifest that kind's sources hold as the constant `name`, and the images it names.

    The images come by the name of their constant, as in `{"kindnetdImage": "docker.io/..."}`.
    """
    text = (module / "pkg/build/nodeimage" / source).read_text()
    images = dict(re.findall(r'^const (\w+Image) = "([^"]+)"', text, re.MULTILINE))
    found = re.search(rf"^const {name} = `(.*?)`\s*\Z", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ClusterError(f"kind's {source} has no constant {name}")
    filled = re.sub(r"` \+ (\w+) \+ `", lambda match: images[match.group(1)], found.group(1))
    return filled, images


def _edit(file: Path, changes: dict[str, str]) -> None:
    text = file.read_text()
    for old, new in changes.items():
        if old not in text:
            raise ClusterError(f"kind's {file.name} no longer has the line {old.strip()!r}")
        text = text.replace(old, new)
    file.write_text(text)
