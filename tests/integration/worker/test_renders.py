"""Renders of sources of every kind: what is shown, what is heard, and that they belong together."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests import media
from tests.integration.worker.conftest import Bench
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Render, Scene, Subtitles, VideoSettings

pytestmark = pytest.mark.usefixtures("worker")

#: Asked for, it is a wish about every frame: nothing is copied.
IN_FULL = VideoSettings(fps=25, crf=18)
HALF_A_FRAME_S = 0.020


def rendered(bench: Bench, work: Render) -> TaskStatus:
    status = bench.run(work)
    assert status.status == "completed", status.failure
    return status


def assert_in_sync(path: Path, beats: int) -> None:
    beeps, white = media.beeps_s(path), media.flashes_s(path)
    flashes = [at for before, at in pairwise([-1.0, *white]) if at - before > 0.05]
    assert len(flashes) == len(beeps) == beats
    assert max(abs(beep - flash) for beep, flash in zip(beeps, flashes, strict=True)) <= HALF_A_FRAME_S + 0.001


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize(("fps", "unsteady"), [("25", False), ("30", False), ("10", False), ("25", True)])
def test_sound_stays_with_the_picture_wherever_the_cuts_are(
    bench: Bench, ending: str, fps: str, unsteady: bool
) -> None:
    source = media.beats(bench.folder / f"beats.{ending}", fps=fps, unsteady=unsteady)
    scenes = [(0.61, 2.33), (1.03, 4.01), (2.647, 3.939), (3.019, 5.777)]
    cuts = tuple(Scene(source.as_uri(), start, end) for start, end in scenes)
    rendered(bench, Render(cuts, MediaOutput(bench.uri("out.mp4"), video=IN_FULL)))
    assert_in_sync(bench.folder / "out.mp4", 1 + 3 + 1 + 3)
    seconds = sum(end - start for start, end in scenes)
    assert int(media.probe(bench.folder / "out.mp4")["video"]["nb_read_frames"]) == round(seconds * 25)


@pytest.mark.parametrize(("video", "wanted"), [(IN_FULL, "Full"), (VideoSettings(), "Smart")])
def test_every_way_begins_with_the_frame_that_is_shown_at_the_cut(
    bench: Bench, video: VideoSettings, wanted: str
) -> None:
    source = media.frame_clock(bench.folder / "clock.mkv")
    scenes = (Scene(source.as_uri(), 0.55, 9.05), Scene(source.as_uri(), 1.0, 11.51))
    status = rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=video)))
    assert status.details["plan"]["strategy"] == wanted
    shown = media.frame_numbers(bench.folder / "out.mp4")
    assert shown == [*range(13, 13 + 212), *range(25, 25 + 263)]


def test_a_slow_source_shows_what_it_shows_at_the_cut(bench: Bench) -> None:
    """A picture every two seconds: the one before the cut goes on until the next."""
    slow = media.frame_clock(bench.folder / "slow.mp4", 20, "1/2", gop=3)
    scenes = (Scene(slow.as_uri(), 3, 7), Scene(slow.as_uri(), 17, None))
    rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=IN_FULL)))
    shown = media.frame_numbers(bench.folder / "out.mp4")
    assert shown == [1] * 25 + [2] * 50 + [3] * 25 + [8] * 25 + [9] * 50


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
def test_soft_subtitles_may_end_after_the_film(bench: Bench, sources: Path, ending: str) -> None:
    cues = "1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n2\n00:00:01,500 --> 00:01:00,000\nlast\n"
    (bench.folder / "s.srt").write_text(cues)
    video = VideoSettings(codec="vp9") if ending == "webm" else VideoSettings()
    work = Render(
        (Scene(f"file://{sources}/clip.mp4"),),
        MediaOutput(bench.uri(f"out.{ending}"), video=video),
        subtitles=Subtitles(bench.uri("s.srt"), "Soft"),
    )
    rendered(bench, work)
    made = media.probe(bench.folder / f"out.{ending}")
    assert int(made["video"]["nb_read_frames"]) == 50
    assert "subtitle" in made
