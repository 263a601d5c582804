"""What a worker does before its first task."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from videojobs_worker.lifecycle import PROGRAMS, require_programs, warn_of_roots


@pytest.mark.parametrize("missing", [(), ("ffprobe",), PROGRAMS])
def test_a_worker_that_could_do_no_job_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for name in {"sh", *PROGRAMS} - set(missing):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    if not missing:
        require_programs()
        return
    with pytest.raises(SystemExit, match=f"PATH: {', '.join(missing)}; install ffmpeg and util-linux"):
        require_programs()


def test_a_media_root_that_is_not_there_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOJOBS_MEDIA_ROOTS", f"{tmp_path}:{tmp_path}/slip")
    with capture_logs() as logs:
        warn_of_roots()
    assert [(line["log_level"], line["folder"]) for line in logs] == [("warning", f"{tmp_path}/slip")]


def test_a_worker_whose_ffmpeg_does_not_run_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sh", "setpriv", "ffprobe"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=f"{tmp_path}/ffmpeg -version` failed with exit code 127"):
        require_programs()
