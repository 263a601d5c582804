"""What is taken out of kind's sources for the node image."""

from __future__ import annotations

from pathlib import Path

import pytest

from videojobs_cluster import node_files
from videojobs_cluster.errors import ClusterError

CNI = """\
package nodeimage

const kindnetdImage = "docker.io/kindest/kindnetd:v1"

var defaultCNIImages = []string{kindnetdImage}

const defaultCNIManifest = `
# would you kindly template this file
image: ` + kindnetdImage + `
again: ` + kindnetdImage + `
---
`
"""
CONTAINERD = """\
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  restrict_oom_score_adj = false
"""
UNIT = "[Service]\nExecStart=/usr/local/bin/containerd\nOOMScoreAdjust=-999\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module laid out as kind's, read-only as those in Go's cache."""
    files = tmp_path / "kind/images/base/files"
    contents = {
        "etc/containerd/config.toml": CONTAINERD,
        "etc/systemd/system/containerd.service": UNIT,
        "etc/systemd/system/containerd-fuse-overlayfs.service": "[Unit]\n",
        "kind/bin/hook.sh": "#!/bin/sh\n",
        "usr/local/bin/entrypoint": "#!/bin/bash\n",
    }
    for name, text in contents.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(text)
        (files / name).chmod(0o444)
    source = tmp_path / "kind/pkg/build/nodeimage/const_cni.go"
    source.parent.mkdir(parents=True)
    source.write_text(CNI)
    return tmp_path / "kind"


def test_reads_a_manifest_with_its_images_filled_in(module: Path) -> None:
    text, images = node_files.manifest(module, "const_cni.go", "defaultCNIManifest")
    image = "docker.io/kindest/kindnetd:v1"
    assert text == f"\n# would you kindly template this file\nimage: {image}\nagain: {image}\n---\n"
    assert images == {"kindnetdImage": image}


def test_says_when_kind_no_longer_has_a_manifest(module: Path) -> None:
    with pytest.raises(ClusterError, match=r"const_cni\.go has no constant other"):
        node_files.manifest(module, "const_cni.go", "other")


def test_copies_the_files_with_the_modes_they_need(module: Path, tmp_path: Path) -> None:
    target = tmp_path / "files"
    node_files.copy_base_files(module, target)
    modes = {
        path.relative_to(target).as_posix(): path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_file()
    }
    assert modes == {
        "etc/containerd/config.toml": 0o644,
        "etc/systemd/system/containerd.service": 0o644,
        "kind/bin/hook.sh": 0o755,
        "usr/local/bin/entrypoint": 0o755,
    }


def test_changes_what_needs_a_capability_that_may_be_missing(module: Path, tmp_path: Path) -> None:
    target = tmp_path / "files"
    node_files.copy_base_files(module, target)
    config = (target / "etc/containerd/config.toml").read_text()
    assert "restrict_oom_score_adj = true" in config
    assert "OOMScoreAdjust" not in (target / "etc/systemd/system/containerd.service").read_text()
    assert node_files.sandbox_image(target) == "registry.k8s.io/pause:3.10"


def test_says_when_kinds_files_are_no_longer_as_they_were(module: Path, tmp_path: Path) -> None:
    config = module / "images/base/files/etc/containerd/config.toml"
    config.chmod(0o644)
    config.write_text("version = 3\n")
    with pytest.raises(ClusterError, match=r"config\.toml no longer has the line 'restrict_oom"):
        node_files.copy_base_files(module, tmp_path / "files")
