"""Before a direct task waits for its turn, what it reads must be there, and where workers may read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from videojobs_worker.tasks import arguments
from videojobs_worker.tasks.running import require_sources

FOLDER = Path("/renders")


@pytest.fixture
def film(tmp_path: Path) -> str:
    path = tmp_path / "media" / "a film #1.mp4"
    path.parent.mkdir()
    path.write_bytes(b"film")
    return str(path)


def require(root: Path, film: str, subtitles: str = "") -> None:
    job = {"scenes": [{"video_path": film}], "subtitles": subtitles}
    require_sources(arguments.render(job, FOLDER, "id"), [root])


def test_what_is_there_is_found(film: str, tmp_path: Path) -> None:
    require(tmp_path / "media", film, film)


@pytest.mark.parametrize("uri", ["https://example.org/nowhere.mp4", "s3://media/nowhere.mp4"])
def test_what_comes_over_a_network_is_looked_for_later(uri: str, tmp_path: Path) -> None:
    require(tmp_path, uri)


def test_a_missing_file_is_the_error_that_clients_know(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"^Video file not found: {re.escape(str(tmp_path))}/nowhere #1.mp4$"):
        require(tmp_path, f"{tmp_path}/nowhere #1.mp4")


def test_missing_subtitles_are_told_apart_from_a_missing_film(film: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"^Subtitle file not found: {re.escape(str(tmp_path))}/nowhere.srt$"):
        require(tmp_path, film, f"{tmp_path}/nowhere.srt")


@pytest.mark.parametrize("name", ["there.mp4", "nowhere.mp4", "media/link-there.mp4", "media/link-nowhere.mp4"])
def test_nobody_learns_whether_a_file_out_of_the_roots_is_there(film: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.mp4").touch()
    for target in ("there", "nowhere"):
        (tmp_path / "media" / f"link-{target}.mp4").symlink_to(tmp_path / f"{target}.mp4")
    with pytest.raises(FileNotFoundError) as error:
        require(tmp_path / "media", str(tmp_path / name))
    path = tmp_path / name
    told = f"Video file not found: {path}: file://{path} is not under a folder that workers may use: {tmp_path}/media"
    assert str(error.value) == told
