"""What the documentation shows is true: its manifests parse, its make targets and files exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from videojobs_operator.api.videobatch import VideoBatchSpec
from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.api.workerpool import WorkerPoolSpec
from videojobs_operator.core.batch_items import job_specs

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))
#: In the order of their page.
TIMELINES = [
    f"render-{name}" for name in ("images", "overlay", "title", "music", "speed", "transitions", "chapters", "loudness")
]
SPECS = {"VideoJob": VideoJobSpec, "VideoBatch": VideoBatchSpec, "WorkerPool": WorkerPoolSpec}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def manifests() -> list[Any]:
    found = [pytest.param(yaml.safe_load(path.read_text()), id=path.name) for path in EXAMPLES]
    for page in PAGES:
        for number, block in enumerate(blocks(page, "yaml")):
            for document in yaml.safe_load_all(block):
                if isinstance(document, dict) and document.get("kind") in SPECS:
                    found.append(pytest.param(document, id=f"{page.stem}-{number}"))
    return found


@pytest.mark.parametrize("manifest", manifests())
def test_a_manifest_in_the_documentation_is_valid(manifest: dict[str, Any]) -> None:
    assert manifest["apiVersion"] == "videojobs.dev/v1alpha1"
    spec = SPECS[manifest["kind"]].model_validate(manifest["spec"])
    if isinstance(spec, VideoBatchSpec):
        job_specs(spec)


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.parent.name == "more"], ids=lambda path: path.name)
def test_an_example_that_the_demo_leaves_out_tells_how_to_apply_it(path: Path) -> None:
    assert f"apply -f {path.relative_to(ROOT)}\n" in path.read_text()


def test_the_page_of_timelines_shows_the_examples_and_their_pictures() -> None:
    page = ROOT / "docs/how-to/timelines.md"
    shown = {path.stem: path.read_text() for path in EXAMPLES if path.stem in TIMELINES}
    assert blocks(page, "yaml") == [shown[name] for name in TIMELINES]
    drawn = sorted(f"timelines/{path.name}" for path in page.with_suffix("").iterdir())
    assert sorted(re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text())) == drawn


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for block in [*blocks(page, "console"), *re.findall(r"`(make [a-z0-9-]+)`", page.read_text())]
        for target in re.findall(r"^make ([a-z0-9-]+)", block, re.MULTILINE)
    }
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text())  # a pattern in code can look like a link
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []
