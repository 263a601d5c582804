"""The reference pages say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hack.reference import COUNTS, ROOT, pages
from videojobs_worker.tasks.arguments import TASKS

PAGES = pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_as_the_code_makes_it(path: Path) -> None:
    assert path.read_text() == PAGES[path], "run `make reference`"


def test_fields_have_their_type_default_range_and_meaning() -> None:
    page = next(text for path, text in PAGES.items() if path.name == "videojob.md")
    assert "| `priority` | integer | `5` | from 0, to 10 |" in page
    assert '| `transcode.outputs[].video.codec` | string | `"h264"` | `h264`, `h265`, `vp9`, `av1`, `copy` |' in page
    assert "| `render.scenes[].source.uri` | string | * |" in page
    assert "- `spec.render.scenes[]`: end must be after start" in page


def test_every_number_has_its_unit_or_counts() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| ((?:list of )?(?:integer|number|any)[^|]*) \|", "\n".join(PAGES.values()), re.M
    )
    assert len(rows) > 30
    bare = {path.rpartition(".")[2].removesuffix("[]") for path, kind in rows if "," not in kind}
    assert (
        bare - COUNTS - {argument.name for each in TASKS.values() for row in each.values() for argument in row} == set()
    )


def test_fields_have_their_units() -> None:
    page = next(text for path, text in PAGES.items() if path.name == "videojob.md")
    for row in (
        "| `activeDeadlineSeconds` | integer, seconds |",
        "| `transcode.outputs[].video.width` | integer, pixels |",
        "| `render.scenes[].start` | string, duration |",
        "| `transcode.outputs[].video.bitrate` | string, bits a second |",
    ):
        assert row in page


def test_a_field_of_two_types_names_both() -> None:
    page = next(text for path, text in PAGES.items() if path.name == "videojob.md")
    assert "| `transcode.outputs[].video.fps` | integer or string, frames a second |" in page


@pytest.mark.parametrize("kind", ["render", "preview", "transcode", "caption"])
def test_each_kind_of_work_has_an_example(kind: str) -> None:
    page = next(text for path, text in PAGES.items() if path.name == "videojob.md")
    assert f"\nspec:\n  {kind}:\n" in page.split("## spec")[0]


def test_task_arguments_have_their_type_unit_default_range_and_meaning() -> None:
    page = next(text for path, text in PAGES.items() if path.name == "tasks.md")
    assert "| `output_format.width` | integer, pixels | `null` | from 16 to 8192 | One side given keeps" in page
    assert '| `model` | string | `"base"` | `tiny`, `base`,' in page
    assert "| `job_data.scenes[].video_path` | string | * |" in page


def test_every_task_is_described() -> None:
    source = "".join(path.read_text() for path in (ROOT / "worker/videojobs_worker/tasks").glob("*.py"))
    assert set(re.findall(r'task\(name="([a-z_]+)"', source)) == set(TASKS)
