"""Commands that wait for their work: asked once, gone with their folders, missed by nobody."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.unit.worker.conftest import Children
from videojobs_worker.process import child
from videojobs_worker.process.standby import Standby
from videojobs_worker.process.stopper import Stopper

ECHO = "import pathlib; report = open('report', 'w'); report.write(pathlib.Path('source').read_text())"
FAILS = "import sys; report = open('report', 'w'); sys.exit('it is no film')"
ENDLESS = "import time; report = open('report', 'w'); time.sleep(600)"
LONG = "report = open('report', 'w'); report.write('x' * 1_000_000)"


def waiting(folder: Path, code: str) -> Standby:
    return Standby(folder, [sys.executable, "-c", code])


def test_it_reads_what_it_is_asked_of(tmp_path: Path) -> None:
    (tmp_path / "film").write_text("a film")
    asked = waiting(tmp_path / "new" / "folder", ECHO)
    assert asked.ask(tmp_path / "film", 30, Stopper()) == (0, "a film", "")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_a_long_report_comes_whole(tmp_path: Path) -> None:
    code, report, _ = waiting(tmp_path, LONG).ask(tmp_path, 30, Stopper()) or (1, "", "")
    assert (code, len(report)) == (0, 1_000_000)


def test_its_last_words_are_told(tmp_path: Path) -> None:
    assert waiting(tmp_path, FAILS).ask(tmp_path, 30, Stopper()) == (1, "", "it is no film\n")


def test_one_that_finds_no_end_is_ended(tmp_path: Path, children: Children) -> None:
    asked = waiting(tmp_path, ENDLESS)
    assert asked.ask(tmp_path, 0.2, Stopper()) == (124, "", f"{sys.executable} found no end within 0 s")
    assert children() == []


def test_one_that_has_ended_already_says_nothing(tmp_path: Path, children: Children) -> None:
    asked = waiting(tmp_path, "pass")
    deadline = time.monotonic() + 30
    while any(child.status() != psutil.STATUS_ZOMBIE for child in children()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert asked.ask(tmp_path, 30, Stopper()) is None
    assert list(tmp_path.iterdir()) == []


def test_one_whose_folder_is_gone_says_nothing(tmp_path: Path, children: Children) -> None:
    asked = waiting(tmp_path, ECHO)
    (folder,) = tmp_path.iterdir()
    (folder / "report").unlink()
    folder.rmdir()
    assert asked.ask(tmp_path, 30, Stopper()) is None
    assert children() == []


def test_one_that_is_not_needed_leaves_nothing(tmp_path: Path, children: Children) -> None:
    waiting(tmp_path, ECHO).close()
    assert (children(), list(tmp_path.iterdir())) == ([], [])


def test_one_that_cannot_be_started_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "bound_to", lambda _parent, _command: ["no-such-command"])
    with pytest.raises(FileNotFoundError):
        Standby(tmp_path, ["ffprobe"])
    assert list(tmp_path.iterdir()) == []
