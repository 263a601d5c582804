"""Transcodes of odd and good sources through the real worker: what fits is copied, what does not is made right."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import altered, clips, measure, sounds
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import AudioSettings, MediaOutput, Preview, Render, Scene, Transcode, VideoSettings
from videojobs_worker.probe.images import look_at
from videojobs_worker.storage.files import file_uri

pytestmark = pytest.mark.usefixtures("worker")


def done(bench: Bench, source: Path, name: str, audio: AudioSettings = AudioSettings(), **video: Any) -> TaskStatus:  # noqa: B008
    """A transcode of one output, which must succeed."""
    output = MediaOutput(bench.uri(name), video=VideoSettings(**video), audio=audio)
    status = bench.run(Transcode(file_uri(source), (output,)))
    assert status.status == "completed", status.failure
    return status


def plan(status: TaskStatus) -> tuple[str, str]:
    told = status.details["plan"]
    return told["strategy"], told["reason"]


def test_what_fits_is_copied_to_the_bit_and_the_status_says_so(bench: Bench, sources: Path) -> None:
    status = done(bench, sources / "clip.mp4", "out.mkv")
    assert plan(status) == ("Copy", "picture copied, sound copied")
    assert measure.frame_hashes(bench.folder / "out.mkv") == measure.frame_hashes(sources / "clip.mp4")


def test_only_what_does_not_fit_is_encoded(bench: Bench, sources: Path) -> None:
    status = done(bench, sources / "clip.mp4", "out.mp4", height=90)
    assert plan(status) == ("Smart", "picture encoded (its size is 320x180, not 160x90), sound copied")
    assert status.outputs[0].audio_codec == "aac"


@pytest.mark.parametrize(("codec", "ending"), [("h264", "mp4"), ("h265", "mp4"), ("vp9", "webm")])
def test_a_bit_rate_is_met(bench: Bench, codec: str, ending: str) -> None:
    """Still pictures and then noise: one pass would spend on the first what the second needs."""
    picture = "testsrc2=size=320x180:rate=25:duration=12,noise=alls=60:allf=t:enable='gt(t,6)'"
    source = bench.folder / "noise.mp4"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", str(source))
    status = done(bench, source, f"out.{ending}", codec=codec, bitrate_bps=400_000)
    assert status.outputs[0].bytes * 8 / 12 == pytest.approx(400_000, rel=0.15)


@pytest.mark.parametrize("form", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize(("codec", "ending"), [("h264", "mp4"), ("h265", "mkv"), ("vp9", "webm")])
def test_the_pixel_format_is_the_one_asked_for(bench: Bench, sources: Path, codec: str, ending: str, form: str) -> None:
    done(bench, sources / "clip.mp4", f"out.{ending}", codec=codec, crf=40, pixel_format=form)
    assert measure.probe(bench.folder / f"out.{ending}")["video"]["pix_fmt"] == form


@pytest.mark.ffmpeg_matrix
def test_av1_in_ten_bits(bench: Bench, sources: Path) -> None:
    done(bench, sources / "clip.mp4", "out.mp4", codec="av1", crf=50, pixel_format="yuv420p10le")
    assert measure.probe(bench.folder / "out.mp4")["video"]["pix_fmt"] == "yuv420p10le"


#: The middle grey of HDR's code, 100 nits in PQ and 50 in HLG, by BT.2408's white of 203 nits.
SDR_GREY = {"smpte2084": 176, "arib-std-b67": 138}


@pytest.mark.parametrize("transfer", SDR_GREY)
@pytest.mark.ffmpeg_matrix
def test_hdr_becomes_sdr(bench: Bench, transfer: str) -> None:
    source = clips.hdr(bench.folder / "hdr.mp4", transfer)
    done(bench, source, "out.mp4")
    made = measure.probe(bench.folder / "out.mp4")["video"]
    assert (made["pix_fmt"], made["color_transfer"], made["color_primaries"], made["color_space"]) == (
        "yuv420p", "bt709", "bt709", "bt709",
    )  # fmt: skip
    assert measure.brightness(source)[0] == 128
    assert measure.brightness(bench.folder / "out.mp4")[0] == pytest.approx(SDR_GREY[transfer], abs=10)


@pytest.mark.ffmpeg_matrix
def test_hdr_stays_hdr_in_ten_bits(bench: Bench) -> None:
    source = clips.hdr(bench.folder / "hdr.mp4", "smpte2084")
    done(bench, source, "out.mkv", codec="h265", crf=30, pixel_format="yuv420p10le")
    made = measure.probe(bench.folder / "out.mkv")["video"]
    assert (made["pix_fmt"], made["color_transfer"], made["color_primaries"]) == ("yuv420p10le", "smpte2084", "bt2020")


def test_previews_and_renders_of_hdr_are_sdr_too(bench: Bench) -> None:
    source = clips.hdr(bench.folder / "hdr.mp4", "smpte2084")
    preview = bench.run(Preview(file_uri(source), bench.uri("frames"), frames=1, format="png"))
    render = bench.run(Render((Scene(file_uri(source), 0, 0.5),), MediaOutput(bench.uri("render.mp4"))))
    assert (preview.status, render.status) == ("completed", "completed")
    for made in ("frames/frame-001.png", "render.mp4"):
        assert measure.brightness(bench.folder / made)[0] == pytest.approx(SDR_GREY["smpte2084"], abs=10)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.ffmpeg_matrix
def test_a_turned_picture_is_shown_upright(bench: Bench, degrees: int) -> None:
    """A white bar at the top as it is shown, whichever way it lies in the file."""
    source = clips.turned(bench.folder / "turned.mp4", degrees)
    status = done(bench, source, "out.mp4")
    assert (status.outputs[0].width, status.outputs[0].height) == (160, 320)
    assert measure.tile_brightness(bench.folder / "out.mp4", 48, 0) > 200
    assert measure.tile_brightness(bench.folder / "out.mp4", 48, 256) < 60


def test_odd_sizes_are_made_even(bench: Bench) -> None:
    source = bench.folder / "odd.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=321x181:duration=1"]
    ffmpeg(*picture, "-c:v", "libx264", "-pix_fmt", "yuv444p", str(source))
    status = done(bench, source, "out.mp4")
    assert (status.outputs[0].width, status.outputs[0].height) == (320, 180)


@pytest.mark.ffmpeg_matrix
def test_wide_pixels_are_made_square(bench: Bench) -> None:
    source = bench.folder / "anamorphic.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=360x288:duration=1,setsar=16/11", "-c:v", "libx264", str(source))
    done(bench, source, "out.mp4")
    made = measure.probe(bench.folder / "out.mp4")["video"]
    assert (made["width"], made["height"], made["sample_aspect_ratio"]) == (522, 288, "1:1")


def test_a_variable_frame_rate_becomes_constant_where_asked(bench: Bench) -> None:
    source = clips.variable_rate(bench.folder / "vfr.mp4")
    done(bench, source, "constant.mp4", fps=25)
    assert {round(gap, 3) for gap in measure.gaps_s(bench.folder / "constant.mp4")} == {0.04}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.mp4", {"height": 32}),
        ("b.mkv", {"crf": 30}),
        ("c.mp4", {"codec": "vp9"}),
        ("d.mp4", {"bitrate_bps": 90_000}),
    ],
)
@pytest.mark.ffmpeg_matrix
def test_otherwise_every_frame_is_shown_at_its_time(bench: Bench, name: str, settings: dict[str, Any]) -> None:
    source = clips.variable_rate(bench.folder / "vfr.mp4")
    done(bench, source, name, **settings)
    assert measure.shown_at_s(bench.folder / name) == pytest.approx(measure.shown_at_s(source), abs=0.001)


@pytest.mark.ffmpeg_matrix
def test_a_cut_off_source_of_uneven_frames_is_found_out(bench: Bench) -> None:
    """Written as it was recorded, whatever its headers still tell."""
    whole = clips.variable_rate(bench.folder / "whole.mkv")
    (bench.folder / "cut.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=32))
    status = bench.run(Transcode(bench.uri("cut.mkv"), (output,)))
    assert status.failure is not None
    assert status.failure.reason == "SourceTruncated"


def test_what_is_left_out_is_told(bench: Bench, sources: Path) -> None:
    source, clip = bench.folder / "two-sounds.mp4", str(sources / "clip.mp4")
    ffmpeg("-i", clip, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", str(source))
    assert done(bench, source, "out.mp4").message == "left out: 1 sound stream of the source"


@pytest.mark.ffmpeg_matrix
def test_fields_become_frames(bench: Bench) -> None:
    source = bench.folder / "fields.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=50:duration=1,interlace"]
    ffmpeg(*picture, "-c:v", "libx264", "-flags", "+ilme+ildct", "-x264-params", "tff=1", str(source))
    status = done(bench, source, "out.mp4")
    assert "interlaced" in plan(status)[1]
    made = measure.probe(bench.folder / "out.mp4")["video"]
    assert (made.get("field_order", "progressive"), made["nb_read_frames"]) == ("progressive", "50")


@pytest.mark.ffmpeg_matrix
def test_metadata_and_chapters_are_kept(bench: Bench, sources: Path) -> None:
    source = altered.with_chapters(bench.folder / "chapters.mp4", sources / "clip.mp4")
    for name, video in (("copy.mp4", {}), ("coded.mkv", {"height": 90})):
        done(bench, source, name, **video)
        told = measure.probe(bench.folder / name)
        assert told["format"]["tags"]["title"] == "A title; of = signs"
        assert measure.chapters(bench.folder / name) == [("One", 0.0, 1.0), ("Two", 1.0, 2.0)]


def test_an_mp4_begins_with_its_index(bench: Bench, sources: Path) -> None:
    done(bench, sources / "clip.mp4", "out.mp4", height=90)
    data = (bench.folder / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_wrong_ending_does_not_matter(bench: Bench, sources: Path) -> None:
    shutil.copyfile(sources / "clip.mp4", bench.folder / "film.avi")
    assert plan(done(bench, bench.folder / "film.avi", "out.mp4"))[0] == "Copy"


def test_silence_is_sound_and_no_sound_is_none(bench: Bench, sources: Path) -> None:
    quiet = ["-f", "lavfi", "-i", "anullsrc=r=44100", "-shortest", "-c:v", "copy"]
    ffmpeg("-i", str(sources / "silent.mp4"), *quiet, str(bench.folder / "quiet.mp4"))
    assert done(bench, bench.folder / "quiet.mp4", "quiet.webm", codec="vp9").outputs[0].audio_codec == "opus"
    assert done(bench, sources / "silent.mp4", "none.webm", codec="vp9").outputs[0].audio_codec is None


def test_streams_that_are_not_taken_may_be_longer(bench: Bench, sources: Path) -> None:
    subtitles = bench.folder / "late.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:01:00,000\nlate\n")
    ffmpeg("-i", str(sources / "clip.mp4"), "-i", str(subtitles), "-c", "copy", str(bench.folder / "long.mkv"))
    done(bench, bench.folder / "long.mkv", "out.mp4", height=90)
    sounds.long_sound(bench.folder / "tail.mp4", picture_s=1, sound_s=4)
    done(bench, bench.folder / "tail.mp4", "mute.mp4", AudioSettings("none"), height=32)


@pytest.mark.ffmpeg_matrix
def test_what_is_broken_in_the_middle_is_told_or_no_success_where_none_may_be(bench: Bench, sources: Path) -> None:
    source = altered.broken(bench.folder / "broken.mp4", sources / "clip.mp4")
    assert "damaged" in done(bench, source, "tolerated.mp4", height=90).details["note"]
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(height=90))
    status = bench.run(Transcode(file_uri(source), (output,), damage="Fail"))
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("SourceCorrupt", False), status.failure
    assert not (bench.folder / "out.mp4").exists()


def test_a_preview_of_a_variable_frame_rate_shows_what_is_shown_then(bench: Bench) -> None:
    source = clips.variable_rate(bench.folder / "vfr.mp4")
    times = (0.5, 1.9, 2.5, 3.3)
    status = bench.run(Preview(file_uri(source), bench.uri("f"), times_s=times, format="png"))
    assert status.status == "completed", status.failure
    shown = [measure.brightness(bench.folder / "f" / f"frame-00{n}.png")[0] for n in (1, 2, 3, 4)]
    assert shown == pytest.approx([measure.brightness_at(source, time) for time in times], abs=1)


def test_previews_are_no_broken_pictures(bench: Bench, sources: Path) -> None:
    status = bench.run(Preview(f"file://{sources}/clip.mp4", bench.uri("f"), frames=3))
    assert status.status == "completed", status.failure
    assert {look_at(bench.folder / "f" / f"frame-00{n}.jpg", "jpg").black for n in (1, 2, 3)} == {False}
