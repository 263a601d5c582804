"""Captions are made by workers with Whisper or not at all, and docs/how-to/captions.md gets one there."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.chart.conftest import Api
from tests.chart.rendering import MATRIX, ROOT, named, of_kind, render

PAGE = (ROOT / "docs" / "how-to" / "captions.md").read_text(encoding="utf-8")
BLOCKS = [list(yaml.safe_load_all(text)) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]
MANIFESTS = [block for block in BLOCKS if "kind" in block[0]]
((VALUES,),) = [block for block in BLOCKS if "pools" in block[0]]
CAPTIONS = {"caption_queue", "caption_queue_gpu"}


@pytest.mark.parametrize("values", ["defaults", "gpu", "test-cluster"])
def test_without_a_pool_with_whisper_captions_wait(values: str) -> None:
    """And say so: a worker without Whisper would take them and fail them."""
    pools = of_kind(render(MATRIX[values]), "WorkerPool")
    assert not CAPTIONS & {queue for pool in pools for queue in pool["spec"]["queues"]}


def test_the_guide_s_values_make_a_pool_with_whisper_and_the_guide_s_models() -> None:
    spec = named(render(VALUES), "WorkerPool", "caption")["spec"]
    assert spec["queues"] == ["caption_queue"]
    assert spec["image"] == "videojobs/worker:0.1.0-speech"
    claims = {each["metadata"]["name"] for block in MANIFESTS for each in block if "Claim" in each["kind"]}
    assert {"name": "models", "persistentVolumeClaim": {"claimName": claims.pop(), "readOnly": True}} in spec[
        "template"
    ]["spec"]["volumes"]
    assert not claims


@pytest.mark.parametrize("block", MANIFESTS, ids=["claim and pod", "folder"])
def test_the_api_server_takes_the_guide_s_manifests(block: list[Any], api: Api) -> None:
    told = api.apply(block, "--dry-run=server")
    assert told.count("created (server dry run)") == len(block)
