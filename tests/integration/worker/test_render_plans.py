"""Renders that copy: not a frame lost, repeated or out of place, and the sound stays with the picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import clips, measure
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition, VideoSettings

pytestmark = [pytest.mark.usefixtures("worker"), pytest.mark.ffmpeg_matrix]

FPS = 25


@pytest.fixture(scope="module")
def clocks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Twelve seconds of numbered frames, with groups of two seconds, in files of several kinds."""
    folder = tmp_path_factory.mktemp("clocks")
    mp4 = clips.frame_clock(folder / "clock.mp4")
    mkv, ts, other = folder / "clock.mkv", folder / "clock.ts", folder / "ticks.mp4"
    ffmpeg("-i", str(mp4), "-c", "copy", str(mkv))
    ffmpeg("-i", str(mp4), "-c", "copy", str(ts))
    ffmpeg("-i", str(mp4), "-c", "copy", "-video_track_timescale", "90000", str(other))
    return {"mp4": mp4, "mkv": mkv, "ts": ts, "ticks": other}


def render(bench: Bench, *scenes: tuple[Path, float, float], name: str = "out.mp4", fade_s: float = 0.0) -> TaskStatus:
    output = MediaOutput(bench.uri(name), None, VideoSettings())
    transition = Transition("fade", fade_s) if fade_s else None
    cuts = tuple(Scene(f"file://{path}", start, end) for path, start, end in scenes)
    status = bench.run(Render(cuts, output, transition))
    assert status.status == "completed", status.failure
    return status


def strategy(status: TaskStatus) -> str:
    return str(status.details["plan"]["strategy"])


def numbers(*scenes: tuple[float, float]) -> list[int]:
    return [n for start, end in scenes for n in range(round(start * FPS), round(end * FPS))]


@pytest.mark.parametrize(
    ("kind", "scenes", "wanted"),
    [
        ("mp4", [(2, 6), (8, 12)], "Copy"),
        ("mp4", [(0, 12)], "Copy"),
        ("mp4", [(3, 11), (1.04, 7.6), (0, 12)], "Smart"),
        ("mp4", [(0.52, 1.4), (5.2, 6.6)], "Full"),
        ("mkv", [(2, 6), (8, 12)], "Copy"),
        ("mkv", [(0.52, 9.48), (0, 12), (0.52, 9.48)], "Smart"),
        ("ts", [(0.52, 9.48), (0, 12), (0.52, 9.48)], "Smart"),
        ("ts", [(0.52, 1.4), (5.2, 6.6)], "Full"),
        ("ticks", [(0.52, 9.48), (0, 12), (0.52, 9.48)], "Smart"),
    ],
)
def test_every_frame_is_the_right_one(
    bench: Bench, clocks: dict[str, Path], kind: str, scenes: list[tuple[float, float]], wanted: str
) -> None:
    status = render(bench, *[(clocks[kind], start, end) for start, end in scenes])
    assert strategy(status) == wanted, status.details
    made = bench.folder / "out.mp4"
    assert measure.frame_numbers(made) == numbers(*scenes)
    picture = measure.probe(made)["video"]
    assert (picture["r_frame_rate"], picture["avg_frame_rate"], float(picture["start_time"])) == ("25/1", "25/1", 0.0)


@pytest.mark.parametrize("kind", ["long.mp4", "long.mkv"])
def test_of_a_long_source_only_what_is_needed_is_read(bench: Bench, clocks: dict[str, Path], kind: str) -> None:
    """Twelve seconds, ten times over, grown large by a second sound that nobody hears."""
    once, long = bench.folder / "once.mp4", bench.folder / kind
    ffmpeg("-i", str(clocks["mp4"]), "-map", "0:v", "-c", "copy", str(once))
    tone, noise = "sine=frequency=440:sample_rate=48000:duration=120", "anoisesrc=r=192000:d=120"
    ffmpeg("-stream_loop", "9", "-i", str(once), "-f", "lavfi", "-i", tone, "-f", "lavfi", "-i", noise,
                 "-map", "0", "-map", "1", "-map", "2", "-c:v", "copy", "-c:a:0", "aac", "-c:a:1", "pcm_f32le",
                 *(["-f", "mov"] if kind.endswith("mp4") else []), str(long))  # fmt: skip
    scenes = [(13.0, 23.0), (25.0, 35.6), (96.52, 106.0)]
    status = render(bench, *[(long, start, end) for start, end in scenes])
    assert strategy(status) == "Smart", status.details
    assert measure.frame_numbers(bench.folder / "out.mp4") == [number % 300 for number in numbers(*scenes)]


def test_frames_that_matroska_rounds_to_milliseconds_are_the_right_ones(bench: Bench) -> None:
    clock = clips.frame_clock(bench.folder / "clock.mkv", 12, "30", gop=37)
    scenes = [(0.5, 11.7), (0.0, 12.0), (1.3, 11.5)]
    status = render(bench, *[(clock, start, end) for start, end in scenes])
    assert strategy(status) == "Smart", status.details
    made = bench.folder / "out.mp4"
    assert measure.frame_numbers(made) == [
        n for start, end in scenes for n in range(round(start * 30), round(end * 30))
    ]
    assert max(measure.gaps_s(made)) == pytest.approx(1 / 30, abs=1e-4)


def test_sources_of_several_kinds_are_joined(bench: Bench, clocks: dict[str, Path]) -> None:
    status = render(bench, *[(path, 0.52, 12) for path in clocks.values()], name="out.mkv")
    assert strategy(status) == "Smart"
    made = bench.folder / "out.mkv"
    assert measure.frame_numbers(made) == numbers((0.52, 12)) * 4
    assert_steady(made, 4 * 287)


@pytest.mark.parametrize("scenes", [[(2, 6), (8, 12)], [(0.52, 12), (0, 12)]])
def test_matroska_shows_copied_frames_when_mp4_would(
    bench: Bench, clocks: dict[str, Path], scenes: list[tuple[float, float]]
) -> None:
    status = render(bench, *[(clocks["mp4"], start, end) for start, end in scenes], name="out.mkv")
    assert strategy(status) in ("Copy", "Smart")
    assert_steady(bench.folder / "out.mkv", len(numbers(*scenes)))


def assert_steady(path: Path, frames: int) -> None:
    shown = measure.shown_at_s(path)
    assert len(shown) == frames
    assert max(abs(at - number / FPS) for number, at in enumerate(shown)) <= 0.002


@pytest.mark.parametrize("fade_s", [0.2, 1.0])
def test_only_blends_are_not_the_sources_frames(bench: Bench, clocks: dict[str, Path], fade_s: float) -> None:
    status = render(bench, (clocks["mp4"], 0, 12), (clocks["mp4"], 0, 12), fade_s=fade_s)
    assert strategy(status) == "Smart"
    shown, blended = measure.frame_numbers(bench.folder / "out.mp4"), round(fade_s * FPS)
    assert len(shown) == 600 - blended
    assert shown[: 300 - blended] == numbers((0, 12))[: 300 - blended]
    assert shown[300:] == numbers((0, 12))[blended:]


def test_what_is_copied_is_the_sources_to_the_bit(bench: Bench, clocks: dict[str, Path]) -> None:
    assert strategy(render(bench, (clocks["mp4"], 0.52, 12))) == "Smart"
    source, made = measure.frame_hashes(clocks["mp4"]), measure.frame_hashes(bench.folder / "out.mp4")
    assert made[50 - 13 : 200 - 13] == source[50:200]


def test_sound_stays_with_the_picture_over_a_hundred_joins(bench: Bench) -> None:
    paths = [clips.flash_and_beep(bench.folder / f"flash-{at}.mp4", at / FPS) for at in (8, 12, 16)]
    status = render(bench, *[(paths[number % 3], 0, 1) for number in range(101)])
    assert strategy(status) == "Copy"
    made = bench.folder / "out.mp4"
    flashes, beeps = measure.flashes_s(made), measure.beeps_s(made)
    assert len(flashes) == len(beeps) == 101
    assert max(abs(beep - flash) for beep, flash in zip(beeps, flashes, strict=True)) <= 0.020


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_encoded_sound_stays_with_the_picture_too(bench: Bench, name: str) -> None:
    paths = [clips.flash_and_beep(bench.folder / f"flash-{at}.mp4", at / FPS) for at in (8, 12, 16)]
    status = render(bench, *[(paths[number % 3], 0.04, 0.96) for number in range(101)], name=name)
    assert strategy(status) == "Full"
    flashes, beeps = (of(bench.folder / name) for of in (measure.flashes_s, measure.beeps_s))
    assert len(flashes) == len(beeps) == 101
    assert max(abs(beep - flash) for beep, flash in zip(beeps, flashes, strict=True)) <= 0.020
