"""Colours look as in the source: measured by decoding source and output to RGB."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ffmpeg import ffmpeg
from tests.support.pipeline import Pipeline, pipeline
from tests.support.streams import all_of
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Preview, Render, Scene, Transcode, VideoSettings, Work
from videojobs_worker.media.source import Source
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.probe.hdr_side_data import with_hdr_metadata
from videojobs_worker.process.stopper import Stopper

pytestmark = pytest.mark.ffmpeg_matrix

#: Of 255, in mean: what 8 bits of limited range and an encoder differ by.
TOLERANCE = 2.0
ACCURATE = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
Rgb = tuple[float, ...]


@pytest.fixture(scope="module")
def running() -> Iterator[Pipeline]:
    with pipeline() as found:
        yield found


def made(path: Path, size: str, color: str, tags: str, *coded: str, pixels: str = "yuv420p") -> Path:
    """Half a second of one colour, converted as its tags say; ``tags`` are matrix and range."""
    matrix, reach = tags.split()
    convert = f"scale=out_color_matrix={matrix}:out_range={reach}:flags={ACCURATE},format={pixels}"
    says = {"bt709": "bt709", "smpte170m": "smpte170m", "fcc": "fcc", "smpte240m": "smpte240m"}[matrix]
    picture = f"color={color}:s={size}:r=25:d=0.6,format=rgb24,{convert},setparams=colorspace={says}:range={reach}"
    ffmpeg(
        "-f", "lavfi", "-i", picture,
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-colorspace", says, "-color_range", reach, *coded,
        str(path),
    )  # fmt: skip
    return path


def rgb(path: Path, at_s: float = 0.0) -> Rgb:
    """The mean colour of a picture, decoded by what the file says of itself."""
    filters = f"scale=flags={ACCURATE},format=rgb24,scale=1:1:flags=area"
    command = ["ffmpeg", "-v", "error", "-ss", str(at_s), "-i", str(path), "-frames:v", "1", "-vf", filters,
               "-f", "rawvideo", "-"]  # fmt: skip
    return tuple(float(value) for value in subprocess.run(command, capture_output=True, check=True).stdout[:3])


def close(one: Rgb, other: Rgb, within: float = TOLERANCE) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 3 <= within


def done(status: TaskStatus) -> TaskStatus:
    assert status.status == "completed", status.failure
    return status


def tags(path: Path) -> tuple[str, ...]:
    stream = all_of(path)[0]
    return tuple(stream.get(name, "") for name in ("color_space", "color_range", "color_primaries", "color_transfer"))


def test_scenes_of_different_colours_share_one_meaning(running: Pipeline, tmp_path: Path) -> None:
    folder = running.folder
    red = made(folder / "red601.mp4", "320x180", "red", "smpte170m tv")
    white = made(folder / "white-full.mp4", "320x180", "white", "bt709 pc")
    blue = made(folder / "blue709.mp4", "1280x720", "0x2040c0", "bt709 tv")
    scenes = tuple(Scene(f"file://{each}", 0, 0.4) for each in (red, white, blue))
    out = folder / "joined.mp4"
    done(running.attempt(Render(scenes, MediaOutput(f"file://{out}", video=VideoSettings(height=720, width=1280)))))
    assert tags(out) == ("bt709", "tv", "bt709", "bt709")
    for number, source in enumerate((red, white, blue)):
        seen, wanted = rgb(out, 0.4 * number + 0.2), rgb(source)
        assert close(seen, wanted), (source.name, seen, wanted)


@pytest.mark.parametrize(
    ("size", "tagged", "pixels", "becomes"),
    [
        ("320x180", "smpte170m tv", "yuv420p", "smpte170m"),
        ("320x180", "smpte170m pc", "yuvj420p", "smpte170m"),
        ("320x180", "bt709 tv", "yuv420p", "bt709"),
        ("1280x720", "smpte170m tv", "yuv420p", "bt709"),
        ("320x180", "fcc tv", "yuv420p", "bt709"),
        ("320x180", "smpte240m tv", "yuv444p", "bt709"),
    ],
)
def test_a_transcode_keeps_what_is_seen_and_says_what_it_means(
    running: Pipeline, tmp_path: Path, size: str, tagged: str, pixels: str, becomes: str
) -> None:
    source = made(running.folder / f"{tmp_path.name}.mp4", size, "0xc05010", tagged, pixels=pixels)
    for name, codec in (("mp4", "h264"), ("webm", "vp9"), ("mkv", "h265")):
        out = source.with_name(f"{tmp_path.name}-out.{name}")
        settings: Any = VideoSettings(codec, crf=10)
        done(running.attempt(Transcode(f"file://{source}", (MediaOutput(f"file://{out}", video=settings),))))
        assert close(rgb(out), rgb(source)), (rgb(out), rgb(source))
        assert tags(out)[:2] == (becomes, "tv")


def test_a_screen_recording_in_rgb_becomes_tagged_bt709(running: Pipeline) -> None:
    source, out = running.folder / "screen.mkv", running.folder / "screen.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=0xc05010:s=320x180:r=25:d=0.5", "-c:v", "libx264rgb", "-qp", "0", str(source))
    done(running.attempt(Transcode(f"file://{source}", (MediaOutput(f"file://{out}"),))))
    assert tags(out) == ("bt709", "tv", "bt709", "bt709")
    assert close(rgb(out), (0xC0, 0x50, 0x10))


@pytest.mark.parametrize("form", ["jpg", "png", "webp"])
@pytest.mark.parametrize("tagged", ["bt709 tv", "smpte170m pc"])
def test_previews_look_as_the_film_does(running: Pipeline, tmp_path: Path, form: Any, tagged: str) -> None:
    source = made(running.folder / f"{tmp_path.name}.mp4", "320x180", "0xc05010", tagged)
    folder = running.folder / f"frames-{tmp_path.name}"
    done(running.attempt(Preview(f"file://{source}", f"file://{folder}", frames=1, format=form)))
    within = 2.5 if form == "webp" else TOLERANCE  # its limited range is rounded once more
    assert close(rgb(folder / f"frame-001.{form}"), rgb(source), within)


def test_a_matrix_that_no_filter_reads_is_read_as_the_nearest_and_reported(running: Pipeline) -> None:
    source, out = running.folder / "bt2020c.mp4", running.folder / "sdr.mp4"
    params = "log-level=error:transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020c"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.5,format=yuv420p10le", "-c:v", "libx265",
           "-preset", "ultrafast", "-x265-params", params, str(source))  # fmt: skip
    status = done(running.attempt(Transcode(f"file://{source}", (MediaOutput(f"file://{out}"),))))
    assert "its colour matrix bt2020c is read as bt2020nc" in status.details["note"]
    assert tags(out) == ("bt709", "tv", "bt709", "bt709")
    render = Render((Scene(f"file://{source}", 0, 0.4),), MediaOutput(f"file://{out}"))
    assert "bt2020nc" in done(running.attempt(render)).details["note"]
    done(running.attempt(Preview(f"file://{source}", f"file://{running.folder}/bt2020c", frames=2)))


@pytest.mark.parametrize("codec", ["h265", "av1"])
@pytest.mark.parametrize("kind", ["transcode", "render"])
def test_what_hdr10_says_of_its_screen_is_kept_with_it(
    running: Pipeline, tmp_path: Path, codec: Any, kind: str
) -> None:
    source = hdr10(running.folder / f"{tmp_path.name}.mp4", "1000,400")
    out = running.folder / f"{tmp_path.name}-out.mkv"
    output = MediaOutput(f"file://{out}", video=VideoSettings(codec, pixel_format="yuv420p10le", height=90))
    done(running.attempt(work_of(kind, source, output)))
    assert tags(out) == ("bt2020nc", "tv", "bt2020", "smpte2084")
    said = with_hdr_metadata(Source(str(out), out, probe(str(out), str(out))), Stopper()).info.video
    assert said is not None
    assert said.hdr_metadata is not None
    assert said.hdr_metadata.light_nits == (1000, 400)
    assert [float(nits) for nits in said.hdr_metadata.luminance_nits] == pytest.approx([1000, 0.0001], rel=0.25)
    assert [round(float(x), 3) for x, _ in said.hdr_metadata.points] == [0.265, 0.15, 0.68, 0.313]


@pytest.mark.parametrize("kind", ["transcode", "render"])
def test_it_is_not_said_of_what_is_mapped_to_sdr(running: Pipeline, tmp_path: Path, kind: str) -> None:
    source = hdr10(running.folder / f"{tmp_path.name}.mp4", "1000,400")
    out = running.folder / f"{tmp_path.name}-out.mkv"
    done(running.attempt(work_of(kind, source, MediaOutput(f"file://{out}", video=VideoSettings("h265")))))
    assert tags(out)[3] == "bt709"
    assert side_data(out) == []


def test_scenes_that_say_otherwise_make_a_render_that_says_nothing(running: Pipeline, tmp_path: Path) -> None:
    sources = [hdr10(running.folder / f"{tmp_path.name}-{most}.mp4", f"{most},400") for most in (1000, 900)]
    out = running.folder / f"{tmp_path.name}-out.mkv"
    output = MediaOutput(f"file://{out}", video=VideoSettings("h265", pixel_format="yuv420p10le"))
    done(running.attempt(Render(tuple(Scene(f"file://{each}", 0, 0.4) for each in sources), output)))
    assert tags(out)[3] == "smpte2084"
    assert side_data(out) == []


def hdr10(path: Path, light: str) -> Path:
    """Half a second of PQ that says, in its frames alone, what screen it is for."""
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    params = "log-level=error:transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc:hdr10=1"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.5,format=yuv420p10le", "-c:v", "libx265", "-preset",
           "ultrafast", "-x265-params", f"{params}:master-display={display}:max-cll={light}", str(path))  # fmt: skip
    return path


def work_of(kind: str, source: Path, output: MediaOutput) -> Work:
    if kind == "render":
        return Render((Scene(f"file://{source}", 0, 0.4),), output)
    return Transcode(f"file://{source}", (output,))


def side_data(path: Path) -> list[str]:
    """What frames say of HDR."""
    text = subprocess.run(["ffprobe", "-v", "error", "-show_frames", path], capture_output=True, text=True, check=True)
    return [line for line in text.stdout.splitlines() if "Mastering" in line or "Content light" in line]
