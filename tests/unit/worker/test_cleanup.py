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
from videojobs_worker.storage.file_target import RECORDS, FileTarget

NOW = 2_000_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    names = ("TEMP_DIR", "RENDER_DIR", "PREVIEW_DIR", "VIDEOJOBS_MEDIA_ROOTS")
    folders = {name: str(tmp_path / name.lower()) for name in names}
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


def record_folder(settings: Settings) -> Path:
    return settings.media_roots[0] / "films" / RECORDS


def records_cleaned(settings: Settings, *live: str, now: float = NOW) -> int:
    count = clean(settings, live, 7, 50, now)["deleted_records"]
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("root", ["media_roots", "render_dir", "preview_dir"])
def test_old_records_go_wherever_work_writes(settings: Settings, root: str) -> None:
    found = getattr(settings, root)
    folder = (found[0] if isinstance(found, tuple) else found) / "deep" / RECORDS
    gone = [stored(folder / name, 31 * DAY_S) for name in ("job.json", "a.b.json", "job.json.0123456789abcdef.draft")]
    kept = [stored(folder / name, age * DAY_S) for name, age in (("new.json", 29), ("live.json", 31), ("a.mp4", 31))]
    assert records_cleaned(settings, "live") == 3
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_no_record_goes_for_its_folders_size_or_with_other_files(settings: Settings) -> None:
    """The folders that are the worker's own are bounded otherwise; a record there is one all the same."""
    record = stored(settings.render_dir / RECORDS / "job.json", 8 * DAY_S)
    stored(settings.render_dir / "job.mp4", 8 * DAY_S)
    assert cleaned(settings, size_gb=0) == (1, 10)
    assert record.exists()


def test_a_folder_of_records_goes_when_it_was_empty_for_as_long(settings: Settings) -> None:
    folder = record_folder(settings)
    stored(folder / "job.json", 31 * DAY_S)
    aged(settings.media_roots[0], 31 * DAY_S)
    assert records_cleaned(settings) == 1
    assert folder.exists()  # it has just changed
    aged(settings.media_roots[0], 31 * DAY_S)
    assert records_cleaned(settings) == 0
    assert not folder.exists()
    assert folder.parent.exists()


def test_what_running_jobs_were_promised_is_no_record(settings: Settings) -> None:
    promise = stored(record_folder(settings) / "reserved" / "job.json", 400 * DAY_S)
    aged(settings.media_roots[0], 400 * DAY_S)
    assert records_cleaned(settings) == 0
    assert promise.exists()


def test_links_lead_to_no_records(settings: Settings, tmp_path: Path) -> None:
    elsewhere = stored(tmp_path / "elsewhere" / "job.json", 31 * DAY_S)
    linked = record_folder(settings)
    linked.parent.mkdir(parents=True)
    linked.symlink_to(elsewhere.parent)
    within = stored(settings.media_roots[0] / "other" / RECORDS / "real.json", 1)
    (within.parent / "link.json").symlink_to(elsewhere)
    os.utime(within.parent / "link.json", (NOW - 31 * DAY_S,) * 2, follow_symlinks=False)
    assert records_cleaned(settings) == 0
    assert elsewhere.exists()


def test_a_commit_may_come_while_its_empty_folder_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, real, removed = FileTarget(tmp_path / "a.mp4").folder.record("job"), Path.open, []

    def remove_first(self: Path, *args: Any, **more: Any) -> Any:
        if not removed:
            removed.append(self.parent.rmdir())
        return real(self, *args, **more)

    monkeypatch.setattr(Path, "open", remove_first)
    record.create({"attempt": 1})
    monkeypatch.undo()
    assert record.read() == '{"attempt": 1}'
