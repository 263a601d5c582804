"""What is typed, and what is said to those who typed something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from videojobs_cluster import cli
from videojobs_cluster.places import Places


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("VIDEOJOBS_CACHE", str(tmp_path / "cache"))
    return Places(tmp_path / "cache")


@pytest.mark.parametrize(
    "typed",
    [
        "build t:1 -f Dockerfile src",
        "build t:1 src -f Dockerfile",
        "build -f Dockerfile t:1 src",
        "build t:1 -f Dockerfile --build-arg A=B src",
    ],
)
def test_the_context_may_stand_anywhere(typed: str) -> None:
    options = cli.parse(typed.split())
    assert (options.tag, options.file, options.context) == ("t:1", Path("Dockerfile"), Path("src"))


def test_the_context_is_here_by_default() -> None:
    assert cli.parse(["build", "t:1", "-f", "Dockerfile"]).context == Path()


@pytest.mark.parametrize("typed", ["up extra", "build t:1 -f D src more", "build t:1 -f D --x", ""])
def test_refuses_what_it_does_not_know(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.parse(typed.split())
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("up --workers 21", "--workers 21: from 0 to 20"),
        ("up --name Big", "--name 'Big'"),
        ("env --name none", "there is no cluster none; `hack/cluster/cluster up --name none`"),
        ("load --name none x:1", "there is no cluster none"),
        ("gpu --name none node 1", "there is no cluster none"),
        ("tools nothing", "no tool is called 'nothing'"),
    ],
)
def test_says_in_one_line_what_is_wrong(typed: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(typed.split()) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert complaint in said.err


def test_down_where_nothing_is_up_needs_no_tool_and_no_engine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert cli.main(["down", "--name", "mine"]) == 0
    assert "there is no cluster mine" in capsys.readouterr().err


def test_purge_spares_the_tools_of_a_cluster(cache: Places, capsys: pytest.CaptureFixture[str]) -> None:
    cache.cluster("other").mkdir(parents=True)
    assert cli.main(["down", "--purge", "--name", "mine"]) == 1
    assert "first `down` for other" in capsys.readouterr().err
    assert cache.cluster("other").exists()
