"""Cleaning takes what is old or too much, and nothing that is in use or elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker.cleanup import MIN_AGE_S, StoredFile, clean, to_delete
from videojobs_worker.settings import Settings, load

NOW = 2_000_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folders = {name: str(tmp_path / name.lower()) for name in ("TEMP_DIR", "RENDER_DIR", "PREVIEW_DIR")}
    return load({"REDIS_URL": "redis://localhost", **folders})


def stored(path: Path, age_s: float, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def test_old_files_go_from_all_three_folders(settings: Settings) -> None:
    old = [
        stored(folder / "deep" / "old.mp4", 8 * DAY_S)
        for folder in (settings.temp_dir, settings.render_dir, settings.preview_dir)
    ]
    new = stored(settings.render_dir / "new.mp4", 6 * DAY_S)
    assert clean(settings, 7, 50, NOW) == {"deleted_files": 3, "freed_bytes": 30}
    assert not any(path.exists() for path in old)
    assert new.exists()


def test_the_oldest_go_until_the_size_is_kept(settings: Settings) -> None:
    files = [stored(settings.render_dir / f"{hours}.mp4", hours * 3600, 1000) for hours in (2, 3, 4)]
    assert clean(settings, 7, 2e-6, NOW) == {"deleted_files": 1, "freed_bytes": 1000}
    assert [path.exists() for path in files] == [True, True, False]


def test_what_may_be_in_use_stays_even_when_nothing_may(settings: Settings) -> None:
    partial = stored(settings.render_dir / ".film.mp4.partial", MIN_AGE_S - 1)
    assert clean(settings, 0, 0, NOW) == {"deleted_files": 0, "freed_bytes": 0}
    assert partial.exists()


def test_links_are_neither_followed_nor_deleted(settings: Settings, tmp_path: Path) -> None:
    film = stored(tmp_path / "library" / "film.mp4", 100 * DAY_S)
    settings.temp_dir.mkdir()
    (settings.temp_dir / "folder").symlink_to(film.parent)
    (settings.temp_dir / "film.mp4").symlink_to(film)
    assert clean(settings, 7, 0, NOW) == {"deleted_files": 0, "freed_bytes": 0}
    assert film.exists()
    assert (settings.temp_dir / "film.mp4").is_symlink()


def test_a_pipe_is_no_file(settings: Settings) -> None:
    settings.temp_dir.mkdir()
    os.mkfifo(settings.temp_dir / "pipe")
    assert clean(settings, 0, 0, NOW + 10 * DAY_S)["deleted_files"] == 0


def test_folders_that_are_not_there_are_clean(settings: Settings) -> None:
    assert clean(settings, 7, 50, NOW) == {"deleted_files": 0, "freed_bytes": 0}


FILES = st.lists(
    st.builds(StoredFile, st.just(Path("/f")), st.integers(0, 1000), st.floats(NOW - 30 * DAY_S, NOW)), max_size=20
)


@given(FILES, st.floats(0, 30), st.integers(0, 10_000))
def test_what_stays_is_young_and_small_or_too_young_to_touch(files: list[StoredFile], days: float, limit: int) -> None:
    going = to_delete(files, NOW, days * DAY_S, limit)
    staying = [found for found in files if not any(found is gone for gone in going)]
    assert all(NOW - gone.modified >= MIN_AGE_S for gone in going)
    touchable = [found for found in staying if NOW - found.modified >= MIN_AGE_S]
    assert all(NOW - found.modified <= days * DAY_S for found in touchable)
    assert not touchable or sum(found.bytes for found in staying) <= limit
