"""Timelines: still images, overlays, titles, music, speed, gain, a transition for each joint; each is measured."""

from __future__ import annotations

import subprocess
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.integration.worker.conftest import Bench
from tests.support import measure
from tests.support.ffmpeg import ffmpeg
from tests.support.measure import level_db
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Music, Overlay, Render, Scene, Title, Transition, VideoSettings

pytestmark = [pytest.mark.usefixtures("worker"), pytest.mark.ffmpeg_matrix]

Colour = tuple[int, int, int]
GREY: Colour = (128, 128, 128)
FULL = VideoSettings(crf=10)


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of grey, 320x180 at 25 frames a second, with a soft tone of 440 Hz."""
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    tone = "aevalsrc='0.1*sin(2*PI*440*t)':s=48000:d=4"
    ffmpeg("-f", "lavfi", "-i", "color=0x808080:size=320x180:rate=25:duration=4", "-f", "lavfi", "-i", tone,
           "-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path))  # fmt: skip
    return path


def rendered(bench: Bench, work: Render) -> TaskStatus:
    status = bench.run(work)
    assert status.status == "completed", status.failure
    return status


def output(bench: Bench, name: str = "out.mp4", video: VideoSettings = FULL) -> MediaOutput:
    return MediaOutput(bench.uri(name), video=video)


def pixel(path: Path, frame: int, x: int, y: int) -> Colour:
    """The colour of a pixel as it is seen."""
    select = f"select='eq(n,{frame})',crop=2:2:{x}:{y},scale=out_color_matrix=bt709,format=gbrp"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", select, "-frames:v", "1", "-pix_fmt", "rgb24",
               "-f", "rawvideo", "-"]  # fmt: skip
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return data[0], data[1], data[2]


def near(one: Colour, other: Colour, off: int = 4) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= off


def test_a_still_image_is_shown_for_its_duration(bench: Bench, grey: Path) -> None:
    Image.new("RGB", (640, 360), (200, 40, 60)).save(bench.folder / "red.png")
    scenes = (
        Scene(bench.uri("red.png"), duration_s=1.2),
        Scene(grey.as_uri(), 0, 1),
        Scene(bench.uri("red.png"), duration_s=0.4),
    )
    rendered(bench, Render(scenes, output(bench)))
    made = bench.folder / "out.mp4"
    stream = measure.probe(made)["video"]
    assert (stream["width"], stream["height"], int(stream["nb_read_frames"])) == (320, 180, 30 + 25 + 10)
    assert near(pixel(made, 29, 160, 90), (200, 40, 60))
    assert near(pixel(made, 30, 160, 90), GREY)
    assert near(pixel(made, 55, 160, 90), (200, 40, 60))
    assert level_db(made, 0.1, 1.1) < -80 < -30 < level_db(made, 1.3, 2.1)


def test_an_image_without_a_duration_is_refused_by_its_field(bench: Bench) -> None:
    Image.new("RGB", (64, 64)).save(bench.folder / "a.jpg")
    status = bench.run(Render((Scene(bench.uri("a.jpg")),), output(bench)))
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("InvalidSpec", False)
    assert status.failure.message.startswith("scenes[0].duration: ")


def test_an_overlay_lies_where_and_while_it_should(bench: Bench, grey: Path) -> None:
    Image.new("RGBA", (80, 40), (255, 0, 0, 255)).save(bench.folder / "logo.png")
    overlay = Overlay(bench.uri("logo.png"), "TopRight", 10, 40, 50, 1.0, 2.0)
    rendered(bench, Render((Scene(grey.as_uri(), 0, 3),), output(bench), overlays=(overlay,)))
    made = bench.folder / "out.mp4"
    assert near(pixel(made, 24, 290, 20), GREY)
    assert near(pixel(made, 25, 290, 20), (192, 64, 64))
    assert near(pixel(made, 49, 290, 20), (192, 64, 64))
    assert near(pixel(made, 50, 290, 20), GREY)
    assert near(pixel(made, 30, 260, 20), GREY)
    assert near(pixel(made, 30, 290, 40), GREY)


def test_a_title_is_in_its_place_its_colour_and_its_time(bench: Bench, grey: Path) -> None:
    title = Title("HHHH", "Sans", 60, "#00c000", "Center", 0, 0.52, 1.52)
    rendered(bench, Render((Scene(grey.as_uri(), 0, 2),), output(bench), titles=(title,)))
    made = bench.folder / "out.mp4"
    inked = {frame: ink(made, frame) for frame in (12, 13, 24, 37, 38)}
    assert {frame for frame, (count, _) in inked.items() if count} == {13, 24, 37}
    assert 800 < inked[24][0] < 8000
    left, top, right, bottom = inked[24][1]
    assert abs((left + right) / 2 - 160) < 3
    assert abs((top + bottom) / 2 - 90) < 12


def ink(path: Path, frame: int) -> tuple[int, tuple[int, int, int, int]]:
    """How many pixels are green, and the box that they are in."""
    select = f"select='eq(n,{frame})',scale=out_color_matrix=bt709,format=gbrp"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", select, "-frames:v", "1", "-pix_fmt", "rgb24",
               "-f", "rawvideo", "-"]  # fmt: skip
    data = subprocess.run(command, capture_output=True, check=True).stdout
    found = [at // 3 for at in range(0, len(data), 3) if near((data[at], data[at + 1], data[at + 2]), (0, 192, 0), 24)]
    xs, ys = [at % 320 for at in found] or [0], [at // 320 for at in found] or [0]
    return len(found), (min(xs), min(ys), max(xs), max(ys))


def test_music_is_mixed_lowered_and_faded(bench: Bench, grey: Path) -> None:
    tone = "aevalsrc='0.5*sin(2*PI*1500*t)':s=48000:d=1"
    ffmpeg("-f", "lavfi", "-i", tone, str(bench.folder / "bed.wav"))
    Image.new("RGB", (320, 180)).save(bench.folder / "black.png")
    scenes = (
        Scene(bench.uri("black.png"), duration_s=3),
        Scene(grey.as_uri(), 0, 3),
        Scene(bench.uri("black.png"), duration_s=3),
    )
    music = Music(bench.uri("bed.wav"), -6.0, -12.0, loop=True, fade_out_s=1.0)
    rendered(bench, Render(scenes, output(bench), music=music))
    made = bench.folder / "out.mp4"
    whole = -9.03  # of a sine of half of full scale, dB
    assert level_db(made, 0.5, 2.5, 1500) == pytest.approx(whole - 6, abs=1)
    assert level_db(made, 3.2, 5.8, 1500) == pytest.approx(whole - 18, abs=1)
    assert level_db(made, 6.5, 7.9, 1500) == pytest.approx(whole - 6, abs=1)
    assert level_db(made, 8.8, 9.0, 1500) < whole - 20
    assert level_db(made, 3.5, 5.5, 440) == pytest.approx(-23, abs=1)
    assert float(measure.probe(made)["audio"]["duration"]) == pytest.approx(9.0, abs=0.03)


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 2.0, 4.0])
def test_speed_changes_picture_and_sound_alike_and_keeps_the_pitch(bench: Bench, speed: float) -> None:
    """A flash and a beep of 200 ms every two seconds; atempo moves a sound by up to half of its window of 43 ms."""
    beep = "aevalsrc='if(between(mod(t,2),0.8,1),sin(2*PI*1000*t),0)':s=48000:d=8"
    flash = "color=black:size=160x90:rate=25:duration=8,drawbox=c=white:t=fill:enable='between(mod(t,2),0.799,0.999)'"
    source = bench.folder / "beats.mp4"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-pix_fmt", "yuv420p", str(source))
    rendered(bench, Render((Scene(source.as_uri(), 0, 8, speed=speed),), output(bench, video=VideoSettings(crf=18))))
    made = bench.folder / "out.mp4"
    assert int(measure.probe(made)["video"]["nb_read_frames"]) == round(200 / speed)
    white = [number for number, level in enumerate(measure.brightest(made)) if level > 126]
    heard = loud_s(made)
    assert len(heard) == 4
    for number, (begin, end) in enumerate(heard):
        shown = [at / 25 for at in white if abs(at / 25 * speed - 2 * number - 0.9) < 0.5]
        assert (min(shown) + max(shown) + 0.04) / 2 == pytest.approx((2 * number + 0.9) / speed, abs=0.03)
        assert (begin + end) / 2 == pytest.approx((2 * number + 0.9) / speed, abs=0.025 * max(1.0, 1 / speed))
    middle = 0.9 / speed
    assert level_db(made, middle - 0.02, middle + 0.02, 1000) > -6


def loud_s(path: Path) -> list[tuple[float, float]]:
    """When each beep begins and ends, seconds."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000", "-f", "f32le", "-"]
    samples = array("f", subprocess.run(command, capture_output=True, check=True).stdout)
    loud = [number for number, value in enumerate(samples) if abs(value) > 0.2]
    begins = [at for before, at in pairwise([-48000, *loud]) if at - before > 4800]
    ends = [at for at, after in pairwise([*loud, 10**9]) if after - at > 4800]
    return [(begin / 48000, end / 48000) for begin, end in zip(begins, ends, strict=True)]


def test_gain_changes_a_scene_and_no_other(bench: Bench, grey: Path) -> None:
    scenes = (Scene(grey.as_uri(), 0, 2, gain_db=-12.0), Scene(grey.as_uri(), 2, 4))
    rendered(bench, Render(scenes, output(bench)))
    made = bench.folder / "out.mp4"
    assert level_db(made, 0.3, 1.7) == pytest.approx(-35, abs=0.5)
    assert level_db(made, 2.3, 3.7) == pytest.approx(-23, abs=0.5)


def test_each_joint_has_its_own_transition(bench: Bench) -> None:
    names = ("red", "green", "blue", "white")
    for name in names:
        ffmpeg(
            "-f",
            "lavfi",
            "-i",
            f"color={name}:size=320x180:rate=25:duration=2",
            "-pix_fmt",
            "yuv420p",
            str(bench.folder / f"{name}.mp4"),
        )
    joints = (None, None, Transition("none"), Transition("wipeleft", 0.4))
    scenes = tuple(Scene(bench.uri(f"{name}.mp4"), transition=joint) for name, joint in zip(names, joints, strict=True))
    rendered(bench, Render(scenes, output(bench), Transition("fade", 1.0)))
    made = bench.folder / "out.mp4"
    assert int(measure.probe(made)["video"]["nb_read_frames"]) == 200 - 25 - 10
    # A fade from frame 25 to 49, a hard cut before frame 75, a wipe of ten frames from 115.
    assert near(pixel(made, 24, 10, 10), (254, 0, 0), 8)
    red, green, _ = pixel(made, 37, 10, 10)
    assert 60 < red < 200
    assert 20 < green < 120
    assert near(pixel(made, 74, 10, 10), (0, 128, 0), 8)
    assert near(pixel(made, 75, 10, 10), (0, 0, 254), 8)
    assert near(pixel(made, 120, 10, 10), (0, 0, 254), 8)
    assert near(pixel(made, 120, 310, 10), (255, 255, 255), 8)
    assert near(pixel(made, 126, 10, 10), (255, 255, 255), 8)
