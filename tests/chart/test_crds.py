"""The CustomResourceDefinitions are one, wherever they stand, and the examples are good ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.chart.conftest import Api
from tests.chart.rendering import CHART, ROOT
from videojobs_operator.api.crds import crd_files

EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))


@pytest.mark.parametrize("folder", [ROOT / "crds", CHART / "crds"], ids=["crds", "chart"])
def test_they_are_what_the_models_say(folder: Path) -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert found == crd_files(), "run `make crds`"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_api_server_takes_every_example(path: Path, api: Api) -> None:
    manifests = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    told = api.apply(manifests, "--dry-run=server", "--namespace", "team-a")
    assert told.count("created (server dry run)") == len(manifests)


def test_there_is_an_example_of_every_kind() -> None:
    specs = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES]
    kinds = {key for each in specs if each["kind"] == "VideoJob" for key in each["spec"]}
    assert {"render", "preview", "transcode", "caption", "gpu"} <= kinds
