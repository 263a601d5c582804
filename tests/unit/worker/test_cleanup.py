"""Cleaning takes what is old or too much, and nothing that is in use or elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videojobs_worker import cleanup
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


def cleaned(settings: Settings, *live: str, days: float = 7, size_gb: float = 50, now: float = NOW) -> tuple[int, int]:
    told = clean(settings, live, days, size_gb, now)
    assert len(told["deleted"]) == told["deleted_files"]
    return told["deleted_files"], told["freed_bytes"]


def aged(folder: Path, age_s: float = 30 * DAY_S) -> None:
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (NOW - age_s, NOW - age_s), follow_symlinks=False)


def test_old_files_go_from_all_three_folders(settings: Settings) -> None:
    old = [
        stored(folder / "deep" / "old.mp4", 8 * DAY_S)
        for folder in (settings.temp_dir, settings.render_dir, settings.preview_dir)
    ]
    new = stored(settings.render_dir / "new.mp4", 6 * DAY_S)
    assert cleaned(settings) == (3, 30)
    assert not any(path.exists() for path in old)
    assert new.exists()


def test_the_oldest_go_until_the_size_is_kept(settings: Settings) -> None:
    files = [stored(settings.render_dir / f"{hours}.mp4", hours * 3600, 1000) for hours in (2, 3, 4)]
    assert cleaned(settings, size_gb=2e-6) == (1, 1000)
    assert [path.exists() for path in files] == [True, True, False]


def test_what_may_be_in_use_stays_even_when_nothing_may(settings: Settings) -> None:
    partial = stored(settings.render_dir / ".film.mp4.partial", MIN_AGE_S - 1)
    assert cleaned(settings, days=0, size_gb=0) == (0, 0)
    assert partial.exists()


def test_links_are_neither_followed_nor_deleted(settings: Settings, tmp_path: Path) -> None:
    film = stored(tmp_path / "library" / "film.mp4", 100 * DAY_S)
    settings.temp_dir.mkdir()
    (settings.temp_dir / "folder").symlink_to(film.parent)
    (settings.temp_dir / "film.mp4").symlink_to(film)
    assert cleaned(settings, size_gb=0) == (0, 0)
    assert film.exists()
    assert (settings.temp_dir / "film.mp4").is_symlink()


def test_a_pipe_is_no_file(settings: Settings) -> None:
    settings.temp_dir.mkdir()
    os.mkfifo(settings.temp_dir / "pipe")
    assert cleaned(settings, days=0, size_gb=0, now=NOW + 10 * DAY_S) == (0, 0)


def test_folders_that_are_not_there_are_clean(settings: Settings) -> None:
    assert cleaned(settings) == (0, 0)


def test_what_a_running_job_uses_stays_whatever_its_age(settings: Settings) -> None:
    fetched = stored(settings.temp_dir / "job-one-x7" / "source-1.mp4", 30 * DAY_S)
    draft = stored(settings.render_dir / "film" / ".out.mp4.one-2.partial", 30 * DAY_S)
    other = stored(settings.render_dir / "film" / ".out.mp4.two-2.partial", 30 * DAY_S)
    assert cleaned(settings, "one", days=0, size_gb=0) == (1, 10)
    assert fetched.exists()
    assert draft.exists()
    assert not other.exists()


def test_what_a_running_job_reads_stays_in_the_folder_that_another_made_it_in(settings: Settings) -> None:
    read, other = (stored(settings.render_dir / name, 30 * DAY_S) for name in ("read.mp4", "other.mp4"))
    (settings.temp_dir / "job-one-x7").mkdir(parents=True)
    (settings.temp_dir / "job-one-x7" / "input-0000").symlink_to(read)
    assert cleaned(settings, "one") == (1, 10)
    assert read.exists()
    assert not other.exists()


def test_a_dead_jobs_scratch_goes_after_an_hour_with_its_links(settings: Settings, tmp_path: Path) -> None:
    film = stored(tmp_path / "library" / "film.mp4", 100 * DAY_S)
    scratch = settings.temp_dir / "job-dead-x7"
    stored(scratch / "deep" / "source-1.mp4", 0)
    (scratch / "input-0000").symlink_to(film)
    aged(scratch, MIN_AGE_S - 1)
    assert cleaned(settings) == (0, 0)
    aged(scratch, MIN_AGE_S + 1)
    assert cleaned(settings)[0] == 2
    assert not scratch.exists()
    assert film.exists()
    assert settings.temp_dir.is_dir()


def test_empty_folders_go_when_old_and_the_workers_own_stay(settings: Settings) -> None:
    old, new, live = (settings.render_dir / name for name in ("old/older", "new", "task-live"))
    for folder in (old, new, live, settings.preview_dir):
        folder.mkdir(parents=True)
    aged(settings.render_dir)
    aged(settings.preview_dir)
    aged(new, DAY_S)
    assert cleaned(settings, "task-live") == (0, 0)
    assert sorted(path.name for path in settings.render_dir.iterdir()) == ["new", "task-live"]
    assert not old.parent.exists()
    assert settings.preview_dir.is_dir()


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(settings.render_dir / "folder" / "film.mp4", 30 * DAY_S)
    victim = stored(tmp_path / "library" / "film.mp4", 30 * DAY_S)

    def swap(*args: Any) -> list[StoredFile]:
        (settings.render_dir / "folder").rename(settings.render_dir / "away")
        (settings.render_dir / "folder").symlink_to(victim.parent)
        return to_delete(*args)

    monkeypatch.setattr(cleanup, "to_delete", swap)
    assert cleaned(settings) == (0, 0)
    assert victim.exists()


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
