"""The images that `make up` has built are as small as the project promises, as the engine counts them, unpacked."""

from __future__ import annotations

import pytest

from hack.cluster_access import Cluster
from hack.version import VERSION

MB = 1_000_000


@pytest.mark.parametrize(("image", "most_mb"), [("operator", 250), ("worker", 700)])
def test_an_image_is_no_larger_than_promised(image: str, most_mb: int, cluster: Cluster) -> None:
    size = int(cluster.run("docker", "image", "inspect", "--format", "{{.Size}}", f"videojobs/{image}:{VERSION}"))
    layers = cluster.run(
        "docker", "image", "history", "--format", "{{.Size}}\t{{.CreatedBy}}", f"videojobs/{image}:{VERSION}"
    )
    assert size <= most_mb * MB, f"{size / MB:.0f} MB, by layer:\n{layers}"
