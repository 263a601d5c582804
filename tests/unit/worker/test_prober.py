"""Asking ffprobe: the same answer whether one waited for the question or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support import clips
from tests.unit.worker.conftest import Children
from videojobs_worker.errors import JobError
from videojobs_worker.probe import ffprobe
from videojobs_worker.probe.prober import Prober


@pytest.fixture
def prober(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prober]:
    made = Prober()
    monkeypatch.setattr(ffprobe, "PROBER", made)
    yield made
    made.leave()


def test_one_that_waits_says_what_another_does(tmp_path: Path, prober: Prober, children: Children) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=1)
    prober.prepare(tmp_path / "temp")
    first, _ = children()
    ahead = ffprobe.probe(str(clip), "file:///clip.mp4")
    assert not first.is_running()
    assert ahead == ffprobe.probe(str(clip), "file:///clip.mp4")
    assert ahead.video is not None


def test_one_that_waits_refuses_what_another_does(tmp_path: Path, prober: Prober) -> None:
    text = tmp_path / "clip.mp4"
    text.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    said = []
    for ahead in (True, False):
        if ahead:
            prober.prepare(tmp_path / "temp")
        with pytest.raises(JobError) as refused:
            ffprobe.probe(str(text), "file:///clip.mp4")
        said.append((refused.value.reason, refused.value.message))
    assert said[0] == said[1]


def test_one_that_was_killed_is_not_missed(tmp_path: Path, prober: Prober, children: Children) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=1)
    prober.prepare(tmp_path / "temp")
    killed = children()
    for each in killed:
        each.kill()
    psutil.wait_procs(killed, timeout=30)
    assert ffprobe.probe(str(clip), "file:///clip.mp4").video


def test_no_more_than_two_wait_and_they_can_be_let_go(tmp_path: Path, prober: Prober, children: Children) -> None:
    prober.prepare(tmp_path)
    prober.prepare(tmp_path)
    assert len(children()) == 2
    prober.leave()
    prober.leave()
    assert (children(), list(tmp_path.iterdir())) == ([], [])
