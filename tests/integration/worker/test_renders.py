"""Renders of sources of every kind: what is shown, what is heard, and that they belong together."""

from __future__ import annotations

import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import clips, measure, sounds
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import (
    MediaOutput,
    Render,
    Scene,
    Transition,
    TransitionType,
    VideoSettings,
)
from videojobs_worker.media.render.composition import RenderSources, composed
from videojobs_worker.media.render.full import plan_render
from videojobs_worker.media.source import Source
from videojobs_worker.probe.ffprobe import probe

pytestmark = pytest.mark.usefixtures("worker")

#: Asked for, it is a wish about every frame: nothing is copied.
IN_FULL = VideoSettings(fps=25, crf=18)
HALF_A_FRAME_S = 0.020


def rendered(bench: Bench, work: Render) -> TaskStatus:
    status = bench.run(work)
    assert status.status == "completed", status.failure
    return status


def assert_in_sync(path: Path, beats: int) -> None:
    beeps, white = measure.beeps_s(path), measure.flashes_s(path)
    flashes = [at for before, at in pairwise([-1.0, *white]) if at - before > 0.05]
    assert len(flashes) == len(beeps) == beats
    assert max(abs(beep - flash) for beep, flash in zip(beeps, flashes, strict=True)) <= HALF_A_FRAME_S + 0.001


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize(("fps", "unsteady"), [("25", False), ("30", False), ("10", False), ("25", True)])
def test_sound_stays_with_the_picture_wherever_the_cuts_are(
    bench: Bench, ending: str, fps: str, unsteady: bool
) -> None:
    source = clips.beats(bench.folder / f"beats.{ending}", fps=fps, unsteady=unsteady)
    scenes = [(0.61, 2.33), (1.03, 4.01), (2.647, 3.939), (3.019, 5.777)]
    cuts = tuple(Scene(source.as_uri(), start, end) for start, end in scenes)
    rendered(bench, Render(cuts, MediaOutput(bench.uri("out.mp4"), video=IN_FULL)))
    assert_in_sync(bench.folder / "out.mp4", 1 + 3 + 1 + 3)
    seconds = sum(end - start for start, end in scenes)
    assert int(measure.probe(bench.folder / "out.mp4")["video"]["nb_read_frames"]) == round(seconds * 25)


@pytest.mark.parametrize(("video", "wanted"), [(IN_FULL, "Full"), (VideoSettings(), "Smart")])
@pytest.mark.ffmpeg_matrix
def test_every_way_begins_with_the_frame_that_is_shown_at_the_cut(
    bench: Bench, video: VideoSettings, wanted: str
) -> None:
    source = clips.frame_clock(bench.folder / "clock.mkv")
    scenes = (Scene(source.as_uri(), 0.55, 9.05), Scene(source.as_uri(), 1.0, 11.51))
    status = rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=video)))
    assert status.details["plan"]["strategy"] == wanted
    shown = measure.frame_numbers(bench.folder / "out.mp4")
    assert shown == [*range(13, 13 + 212), *range(25, 25 + 263)]


def test_a_slow_source_shows_what_it_shows_at_the_cut(bench: Bench) -> None:
    """A picture every two seconds: the one before the cut goes on until the next."""
    slow = clips.frame_clock(bench.folder / "slow.mp4", 20, "1/2", gop=3)
    scenes = (Scene(slow.as_uri(), 3, 7), Scene(slow.as_uri(), 17, None))
    rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=IN_FULL)))
    shown = measure.frame_numbers(bench.folder / "out.mp4")
    assert shown == [1] * 25 + [2] * 50 + [3] * 25 + [8] * 25 + [9] * 50


@pytest.mark.parametrize("ending", ["mp4", "webm"])
@pytest.mark.parametrize(
    ("layout", "rate_hz", "channels"),
    [("5.1", 48000, 6), ("5.1(side)", 44100, 6), ("stereo", 44100, 2), ("7.1", 48000, 8)],
)
def test_nobody_asked_for_another_layout_or_loudness(
    bench: Bench, ending: str, layout: str, rate_hz: int, channels: int
) -> None:
    source = sounds.tones(bench.folder / "tones.mkv", layout, rate_hz)
    video = VideoSettings(codec="vp9" if ending == "webm" else "h264", crf=40)
    work = Render(
        (Scene(source.as_uri(), 0, 2), Scene(source.as_uri(), 2.5, 4)),
        MediaOutput(bench.uri(f"out.{ending}"), video=video),
    )
    rendered(bench, work)
    made = bench.folder / f"out.{ending}"
    assert measure.probe(made)["audio"]["channels"] == channels
    assert measure.loudness_lufs(made) == pytest.approx(measure.loudness_lufs(source), abs=0.5)


@pytest.mark.parametrize("other", ["stereo", "mono"])
@pytest.mark.ffmpeg_matrix
def test_the_richest_scene_gives_the_layout(bench: Bench, other: str) -> None:
    sources = [sounds.tones(bench.folder / f"{layout}.mkv", layout) for layout in ("5.1", other)]
    scenes = tuple(Scene(source.as_uri()) for source in reversed(sources))
    rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4")), Transition("fade", 0.2)))
    assert measure.probe(bench.folder / "out.mp4")["audio"]["channels"] == 6


@pytest.mark.parametrize("kind", get_args(TransitionType))
def test_blends_keep_sound_and_picture_together(bench: Bench, kind: TransitionType) -> None:
    source = clips.beats(bench.folder / "beats.mp4")
    scenes = tuple(Scene(source.as_uri(), start, end) for start, end in [(0, 3), (1.01, 3.99), (2.03, 5)])
    rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=IN_FULL), Transition(kind, 0.2)))
    assert_in_sync(bench.folder / "out.mp4", 3 + 3 + 3)
    assert int(measure.probe(bench.folder / "out.mp4")["video"]["nb_read_frames"]) == round(
        (3 + 2.98 + 2.97 - 0.4) * 25
    )


@pytest.mark.ffmpeg_matrix
def test_blends_of_copied_scenes_keep_sound_and_picture_together(bench: Bench) -> None:
    source = clips.beats(bench.folder / "beats.mp4", 12, size="1280x720")
    scenes = (Scene(source.as_uri(), 0, 12), Scene(source.as_uri(), 0, 11.01), Scene(source.as_uri(), 1.03, 12))
    status = rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4")), Transition("fade", 0.2)))
    assert status.details["plan"]["strategy"] == "Smart", status.details
    assert_in_sync(bench.folder / "out.mp4", 12 + 11 + 11)


@pytest.mark.ffmpeg_matrix
def test_many_blends_are_made_in_parts_that_nobody_sees(bench: Bench) -> None:
    source = clips.frame_clock(bench.folder / "clock.mp4", 4)
    scenes = tuple(Scene(source.as_uri(), 0, 4) for _ in range(20))
    work = Render(scenes, MediaOutput(bench.uri("out.mp4"), video=IN_FULL), Transition("fade", 1.0))
    status = bench.until_final(bench.send(work).task_id, within_s=240)
    assert status.status == "completed", status.failure
    shown = measure.frame_numbers(bench.folder / "out.mp4")
    assert len(shown) == 20 * 100 - 19 * 25
    assert shown[:75] == [*range(75)]
    for number in range(1, 20):
        assert shown[number * 75 + 25 : (number + 1) * 75] == [*range(25, 75)]


def test_what_blends_later_is_not_held_until_then(bench: Bench) -> None:
    """ffmpeg reads sound ahead of the picture: with one input for both it took 600 MB here, of longer scenes 3 GB."""
    clip = clips.clip(bench.folder / "clip.mp4", 10, size="1280x720")
    video = VideoSettings(crf=40)
    work = Render((Scene(clip.as_uri()),) * 6, MediaOutput(bench.uri("out.mp4"), video=video), Transition("fade", 0.5))
    source = Source(clip.as_uri(), clip, probe(str(clip), clip.as_uri()))
    composition = composed(work, RenderSources([source] * 6))
    (step,) = plan_render(composition, bench.folder / "out.mp4", 2).steps
    process = subprocess.Popen(step.arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = code
    assert code == 0
    assert usage.ru_maxrss / 1024 < 450, "MiB"


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_hundred_joins_of_copied_and_encoded_scenes_do_not_drift(bench: Bench, ending: str) -> None:
    paths = [clips.beats(bench.folder / f"beats-{n}.mp4", 1, size="320x180") for n in range(2)]
    scenes = tuple(Scene(paths[n % 2].as_uri(), 0, 0.8 if n % 14 == 7 else 1) for n in range(101))
    status = rendered(bench, Render(scenes, MediaOutput(bench.uri(f"out.{ending}"))))
    assert status.details["plan"]["strategy"] == "Smart", status.details
    assert_in_sync(bench.folder / f"out.{ending}", 101)
    assert int(measure.probe(bench.folder / f"out.{ending}")["video"]["nb_read_frames"]) == 101 * 25 - 7 * 5


@pytest.mark.ffmpeg_matrix
def test_sources_of_any_kind_make_one_film(bench: Bench) -> None:
    """Rates, sizes, pixel formats, clocks, sample rates and layouts differ; one has no sound."""
    kinds = [
        ("24", "320x180", ("-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "44100"), "mp4"),
        ("30000/1001", "240x240", ("-pix_fmt", "yuv444p", "-c:a", "ac3", "-af", "pan=5.1|FL=c0|FR=c0|FC=c0"), "mkv"),
        ("50", "642x362", ("-pix_fmt", "yuv422p10le", "-c:a", "aac", "-video_track_timescale", "90000"), "mp4"),
        ("25", "160x90", ("-pix_fmt", "yuv420p", "-an"), "mkv"),
        ("25", "160x90", ("-pix_fmt", "yuv420p", "-c:a", "mp2"), "ts"),
    ]
    paths = []
    for number, (fps, size, coded, ending) in enumerate(kinds):
        whole = clips.beats(bench.folder / f"whole-{number}.mp4", 6, "100" if fps == "50" else fps, size=size)
        paths.append(bench.folder / f"source-{number}.{ending}")
        ffmpeg("-i", str(whole), "-r", fps, "-c:v", "libx264", "-bf", "2", *coded, str(paths[-1]))
    cuts = [(0.61, 2.33), (1.03, 4.01), (2.647, 3.939), (3.019, 5.777), (0.2, 4.45)]
    scenes = tuple(Scene(path.as_uri(), start, end) for path, (start, end) in zip(paths, cuts, strict=True))
    rendered(bench, Render(scenes, MediaOutput(bench.uri("out.mp4"), video=VideoSettings(fps=25))))
    made = measure.probe(bench.folder / "out.mp4")
    assert int(made["video"]["nb_read_frames"]) == round(sum(end - start for start, end in cuts) * 25)
    assert (made["video"]["width"], made["video"]["height"], made["audio"]["channels"]) == (320, 180, 6)
    assert float(made["audio"]["duration"]) == pytest.approx(float(made["video"]["duration"]), abs=0.03)


@pytest.mark.parametrize(
    ("coded", "name", "codec", "made"),
    [
        (("libx265", "-x265-params", "open-gop=0:log-level=error", "-preset", "ultrafast"), "a.mp4", "h265", "mp4"),
        (("libx265", "-x265-params", "open-gop=0:log-level=error", "-preset", "ultrafast"), "a.mkv", "h265", "mkv"),
        (("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "a.webm", "vp9", "webm"),
        (("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "a.mp4", "vp9", "mkv"),
        (("libsvtav1", "-preset", "12"), "a.mp4", "av1", "webm"),
        (("libsvtav1", "-preset", "12"), "a.mkv", "av1", "mkv"),
    ],
)
def test_other_codecs_are_copied_to_the_bit(
    bench: Bench, coded: tuple[str, ...], name: str, codec: str, made: str
) -> None:
    source = bench.folder / name
    sound = "libopus" if name.endswith("webm") else "aac"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=12", "-f", "lavfi", "-i",
                 "sine=duration=12:sample_rate=48000", "-c:v", *coded, "-g", "50", "-pix_fmt", "yuv420p",
                 "-c:a", sound, str(source))  # fmt: skip
    scenes = (Scene(source.as_uri(), 2, 8), Scene(source.as_uri(), 4, 12))
    output = MediaOutput(bench.uri(f"out.{made}"), video=VideoSettings(codec=codec))  # type: ignore[arg-type]
    status = rendered(bench, Render(scenes, output))
    assert status.details["plan"]["strategy"] == "Copy", status.details
    hashes = measure.frame_hashes(source)
    assert max(measure.gaps_s(bench.folder / f"out.{made}")) == pytest.approx(0.04, abs=0.002)
    assert measure.frame_hashes(bench.folder / f"out.{made}") == hashes[50:200] + hashes[100:300]
