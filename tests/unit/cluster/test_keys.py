"""What is built is named by what it is built from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_cluster.keys import content_key


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "sub").mkdir(parents=True)
    (folder / "main.go").write_text("package main\n")
    (folder / "sub/go.mod").write_text("module x\n")
    return folder


def test_same_contents_anywhere_have_the_same_key(sources: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = sources.rename(elsewhere / "sources")
    first = content_key("v1", moved)
    assert first == content_key("v1", moved.rename(tmp_path / "other"))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "main.go").write_text("package other\n"),
        lambda folder: (folder / "main.go").rename(folder / "other.go"),
        lambda folder: (folder / "sub/go.mod").unlink(),
        lambda folder: (folder / "new.go").touch(),
    ],
    ids=["edited", "renamed", "removed", "added"],
)
def test_every_change_gives_another_key(sources: Path, change: object) -> None:
    before = content_key(sources)
    assert callable(change)
    change(sources)
    assert content_key(sources) != before


def test_bytecode_is_no_input(sources: Path) -> None:
    before = content_key(sources)
    (sources / "__pycache__").mkdir()
    (sources / "__pycache__/main.pyc").write_bytes(b"x")
    assert content_key(sources) == before


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_texts_have_different_keys(one: list[str], other: list[str]) -> None:
    assert (content_key(*one) == content_key(*other)) == (one == other)
