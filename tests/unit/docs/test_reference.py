"""The reference pages say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hack.reference import pages

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
