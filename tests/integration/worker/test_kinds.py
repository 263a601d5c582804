"""Every kind of work through the real worker: the files are what was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.integration.worker.conftest import Bench, CeleryWorker, eventually
from tests.support import altered, clips, measure, sounds
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import (
    AudioSettings,
    MediaOutput,
    Preview,
    Render,
    Scene,
    Sprite,
    Subtitles,
    Transcode,
    Transition,
    TransitionType,
    VideoSettings,
)
from videojobs_worker.probe.images import look_at
from videojobs_worker.storage.files import file_uri

pytestmark = pytest.mark.usefixtures("worker")


def settings(codec: str, **more: object) -> VideoSettings:
    return VideoSettings(codec=codec, **more)  # type: ignore[arg-type]


PAIRS = [
    ("h264", "mp4", "h264", "aac"),
    ("h264", "mkv", "h264", "aac"),
    ("h265", "mp4", "hevc", "aac"),
    ("h265", "mkv", "hevc", "aac"),
    ("vp9", "webm", "vp9", "opus"),
    ("vp9", "mp4", "vp9", "aac"),
    ("vp9", "mkv", "vp9", "aac"),
    ("av1", "webm", "av1", "opus"),
    ("av1", "mp4", "av1", "aac"),
    ("av1", "mkv", "av1", "aac"),
    ("copy", "mkv", "h264", "aac"),
]


@pytest.mark.parametrize(("codec", "container", "video", "audio"), PAIRS)
@pytest.mark.ffmpeg_matrix
def test_transcode_makes_every_codec_in_every_container(
    bench: Bench, sources: Path, codec: str, container: str, video: str, audio: str
) -> None:
    quality = {} if codec == "copy" else {"crf": 30}
    output = MediaOutput(bench.uri(f"out.{container}"), video=settings(codec, **quality))
    status = bench.run(Transcode(f"file://{sources}/clip.mp4", (output,)))
    assert status.status == "completed", status.failure
    made = measure.probe(bench.folder / f"out.{container}")
    assert (made["video"]["codec_name"], made["audio"]["codec_name"]) == (video, audio)
    assert float(made["format"]["duration"]) == pytest.approx(2.0, abs=0.1)
    assert status.outputs[0].video_codec == video


def test_transcode_makes_several_outputs_of_one_decode(bench: Bench, sources: Path) -> None:
    outputs = (
        MediaOutput(bench.uri("small.mp4"), video=VideoSettings(width=160)),
        MediaOutput(bench.uri("rate.mkv"), video=VideoSettings(fps=10, bitrate_bps=200_000)),
        MediaOutput(bench.uri("mute.mp4"), video=VideoSettings(height=90), audio=AudioSettings("none")),
    )
    status = bench.run(Transcode(f"file://{sources}/clip.mp4", outputs))
    assert status.status == "completed", status.failure
    small, rate, mute = (measure.probe(bench.folder / name) for name in ("small.mp4", "rate.mkv", "mute.mp4"))
    assert (small["video"]["width"], small["video"]["height"]) == (160, 90)
    assert rate["video"]["nb_read_frames"] == "20"
    assert "audio" not in mute
    assert [output.uri for output in status.outputs] == [output.uri for output in outputs]


def test_a_turned_picture_stays_upright(bench: Bench, sources: Path) -> None:
    altered.rotated(bench.folder / "turned.mp4", sources / "clip.mp4")
    status = bench.run(Transcode(bench.uri("turned.mp4"), (MediaOutput(bench.uri("out.mp4")),)))
    assert status.status == "completed", status.failure
    assert (status.outputs[0].width, status.outputs[0].height) == (180, 320)


@pytest.mark.parametrize("form", ["jpg", "png", "webp"])
def test_preview_takes_evenly_spread_pictures(bench: Bench, sources: Path, form: str) -> None:
    work = Preview(f"file://{sources}/clip.mp4", bench.uri("frames"), frames=4, width=160, format=form)  # type: ignore[arg-type]
    status = bench.run(work)
    assert status.status == "completed", status.failure
    assert [output.uri for output in status.outputs] == [bench.uri(f"frames/frame-00{n}.{form}") for n in (1, 2, 3, 4)]
    assert {(output.width, output.height) for output in status.outputs} == {(160, 90)}


@pytest.mark.parametrize("form", ["jpg", "png", "webp"])
def test_a_sprite_sheet_holds_the_pictures_in_order(bench: Bench, sources: Path, form: str) -> None:
    sprite = Sprite(columns=3, width=64)
    work = Preview(
        f"file://{sources}/grey.mp4", bench.uri("p"), times_s=(0.0, 1.0, 2.0, 3.0), sprite=sprite, format=form
    )  # type: ignore[arg-type]
    status = bench.run(work)
    assert status.status == "completed", status.failure
    assert [output.uri.rpartition("/")[2] for output in status.outputs][-2:] == ["sprite.jpg", "sprite.vtt"]
    sheet = bench.folder / "p" / "sprite.jpg"
    picture = measure.probe(sheet)["video"]
    assert (picture["width"], picture["height"]) == (192, 128)
    tiles = [measure.tile_brightness(sheet, column * 64, row * 64) for row in (0, 1) for column in (0, 1, 2)]
    shown = [measure.brightness(bench.folder / "p" / f"frame-00{n}.{form}")[0] for n in (1, 2, 3, 4)]
    assert tiles[:4] == pytest.approx(shown, abs=3)
    assert (
        "00:00:01.000 --> 00:00:02.000\nsprite.jpg#xywh=64,0,64,64" in (bench.folder / "p" / "sprite.vtt").read_text()
    )


def test_preview_avoids_black_and_takes_no_picture_twice(bench: Bench) -> None:
    """A film of 40 s with one keyframe, black from its start to the 12th second."""
    picture = "testsrc2=size=160x90:rate=10:duration=40,drawbox=c=black:t=fill:enable='lt(t,12)'"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-g", "1000", str(bench.folder / "film.mp4"))
    status = bench.run(Preview(bench.uri("film.mp4"), bench.uri("frames"), 2))
    assert status.status == "completed", status.failure
    pictures = [bench.folder / "frames" / f"frame-00{number}.jpg" for number in (1, 2)]
    one, two = (look_at(picture, "jpg") for picture in pictures)
    assert not one.black
    assert one.sha256 != two.sha256
    assert {output.video_codec for output in status.outputs} == {"mjpeg"}


@pytest.mark.ffmpeg_matrix
def test_preview_takes_exact_frames(bench: Bench, sources: Path) -> None:
    times = tuple((number + 0.5) / 25 for number in (0, 13, 62, 99))
    status = bench.run(Preview(f"file://{sources}/grey.mp4", bench.uri("f"), times_s=times, format="png"))
    assert status.status == "completed", status.failure
    shown = [measure.brightness(bench.folder / "f" / f"frame-00{n}.png")[0] for n in (1, 2, 3, 4)]
    assert shown == pytest.approx([reference(sources)[number] for number in (1, 14, 63, 99)], abs=1)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("mkv", "libx264"), ("ts", "libx264"), ("mp4", "libx265"), ("mkv", "libvpx-vp9")],
)
@pytest.mark.ffmpeg_matrix
def test_preview_of_a_long_film_takes_its_keyframes(bench: Bench, container: str, codec: str) -> None:
    film = clips.frame_clock(bench.folder / f"film.{container}", 20, "5", gop=25, codec=codec)
    status = bench.run(Preview(file_uri(film), bench.uri("f"), frames=4))
    assert status.status == "completed", status.failure
    shown = [measure.frame_numbers(bench.folder / "f" / f"frame-00{n}.jpg")[0] for n in (1, 2, 3, 4)]
    assert shown == [0, 25, 50, 75]


def reference(sources: Path) -> list[int]:
    """What a whole decode of grey.mp4 shows."""
    frames = measure.brightness(sources / "grey.mp4")
    return [*frames, frames[-1]]


def test_render_cuts_to_the_frame(bench: Bench, sources: Path) -> None:
    grey = f"file://{sources}/grey.mp4"
    scenes = (Scene(grey, 0.4, 1.2), Scene(grey, 2.0, 2.6))
    video = VideoSettings(crf=1)
    status = bench.run(Render(scenes, MediaOutput(bench.uri("cut.mp4"), video=video)))
    assert status.status == "completed", status.failure
    shown, whole = measure.brightness(bench.folder / "cut.mp4"), measure.brightness(sources / "grey.mp4")
    assert shown == pytest.approx(whole[10:30] + whole[50:65], abs=2)


@pytest.mark.ffmpeg_matrix
def test_render_joins_scenes_of_any_shape_with_a_fade(bench: Bench, sources: Path) -> None:
    scenes = (
        Scene(f"file://{sources}/clip.mp4", 0, 1.5),
        Scene(f"file://{sources}/silent.mp4", 0.5, 1.5),
        Scene(f"file://{sources}/clip.mp4", 1),
    )
    output = MediaOutput(bench.uri("film.mp4"), video=VideoSettings(width=320, height=240, fps=30))
    status = bench.run(Render(scenes, output, Transition("fade", 0.25)))
    assert status.status == "completed", status.failure
    made = measure.probe(bench.folder / "film.mp4")
    assert (made["video"]["width"], made["video"]["height"]) == (320, 240)
    assert int(made["video"]["nb_read_frames"]) == pytest.approx(90, abs=1)
    assert float(made["audio"]["duration"]) == pytest.approx(3.0, abs=0.05)


@pytest.mark.ffmpeg_matrix
def test_render_joins_many_scenes_in_parts(bench: Bench, sources: Path) -> None:
    scenes = tuple(Scene(f"file://{sources}/clip.mp4", part / 25, (part + 5) / 25) for part in range(0, 40, 2))
    status = bench.run(Render(scenes, MediaOutput(bench.uri("many.mp4"), video=VideoSettings(codec="h264"))))
    assert status.status == "completed", status.failure
    assert int(measure.probe(bench.folder / "many.mp4")["video"]["nb_read_frames"]) == len(scenes) * 5


@pytest.mark.parametrize(
    ("mode", "container", "codec"),
    [("Burn", "mp4", None), ("Soft", "mp4", "mov_text"), ("Soft", "mkv", "subrip"), ("Soft", "webm", "webvtt")],
)
def test_render_takes_subtitles(bench: Bench, sources: Path, mode: str, container: str, codec: str | None) -> None:
    name = "it's [a]: 'hostile',name;%d.srt"
    (bench.folder / name).write_text("1\n00:00:00,000 --> 00:00:01,500\n{\\an8}Hello, 'world'\n")
    output = MediaOutput(bench.uri(f"out.{container}"), video=settings("vp9" if container == "webm" else "h264"))
    subtitles = Subtitles(file_uri(bench.folder / name), mode)  # type: ignore[arg-type]
    work = Render((Scene(f"file://{sources}/clip.mp4"),), output, subtitles=subtitles)
    status = bench.run(work)
    assert status.status == "completed", status.failure
    made = measure.probe(bench.folder / f"out.{container}")
    assert made.get("subtitle", {}).get("codec_name") == codec


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
def test_subtitles_that_are_a_playlist_open_no_other_file(bench: Bench, sources: Path, mode: str) -> None:
    secret = bench.folder / "secret.vtt"
    secret.write_text("WEBVTT\n\n00:00.000 --> 00:01.500\nsecret\n")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n"
    (bench.folder / "list.srt").write_text(playlist)
    subtitles = Subtitles(bench.uri("list.srt"), mode)  # type: ignore[arg-type]
    in_full = settings("h264", crf=23)  # a wish about every frame: nothing is copied
    output = MediaOutput(bench.uri("out.mkv"), video=in_full)
    bench.run(Render((Scene(f"file://{sources}/clip.mp4"),), output, subtitles=subtitles))
    made = bench.folder / "out.mkv"
    assert not made.exists() or b"secret" not in made.read_bytes()
    without = MediaOutput(bench.uri("plain.mkv"), video=in_full)
    plain = bench.run(Render((Scene(f"file://{sources}/clip.mp4"),), without))
    assert plain.status == "completed"
    if made.exists():
        assert measure.frame_hashes(made) == measure.frame_hashes(bench.folder / "plain.mkv")


@pytest.mark.ffmpeg_matrix
def test_opus_takes_surround_sound(bench: Bench, sources: Path) -> None:
    sounds.surround(bench.folder / "surround.mkv")
    output = MediaOutput(bench.uri("out.mkv"), audio=AudioSettings("opus"))
    status = bench.run(Transcode(bench.uri("surround.mkv"), (output,)))
    assert status.status == "completed", status.failure
    assert measure.probe(bench.folder / "out.mkv")["audio"]["channels"] == 6


def test_render_holds_the_last_picture_while_the_sound_goes_on(bench: Bench) -> None:
    sounds.long_sound(bench.folder / "tail.mp4", picture_s=12, sound_s=13, size="1280x720")
    status = bench.run(Render((Scene(bench.uri("tail.mp4")),), MediaOutput(bench.uri("out.mp4"))))
    assert status.status == "completed", status.failure
    assert int(measure.probe(bench.folder / "out.mp4")["video"]["nb_read_frames"]) == pytest.approx(325, abs=1)
    assert "ends before its sound" in status.details["plan"]["reason"]


def test_preview_of_the_end_when_the_sound_goes_on(bench: Bench) -> None:
    sounds.long_sound(bench.folder / "tail.mp4", picture_s=1, sound_s=2)
    status = bench.run(Preview(bench.uri("tail.mp4"), bench.uri("frames"), times_s=(0.1, 1.9)))
    assert status.status == "completed", status.failure


def test_progress_rises_and_names_the_worker(bench: Bench, sources: Path, worker: CeleryWorker) -> None:
    with bench.client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.psubscribe("task_progress:*")
        work = Transcode(f"file://{sources}/clip.mp4", (MediaOutput(bench.uri("o.webm"), video=settings("vp9")),))
        attempt = bench.send(work)
        seen: list[TaskStatus] = []
        while not seen or not seen[-1].final:
            message = eventually(lambda: listener.get_message(timeout=1))
            if message and message["channel"].endswith(attempt.task_id.encode()):
                seen.append(TaskStatus.from_json(message["data"]))
    percents = [status.progress for status in seen]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert seen[0].status == "running"
    assert {status.worker.hostname for status in seen if status.worker} == {worker.name}


@pytest.mark.parametrize("kind", get_args(TransitionType))
def test_every_transition_blends_and_only_there(bench: Bench, sources: Path, kind: TransitionType) -> None:
    grey = f"file://{sources}/grey.mp4"
    scenes = (Scene(grey, 0, 1), Scene(grey, 3, 4))
    output = MediaOutput(bench.uri("out.mp4"), video=VideoSettings(crf=1))
    status = bench.run(Render(scenes, output, Transition(kind, 0.4)))
    assert status.status == "completed", status.failure
    shown, whole = measure.brightness(bench.folder / "out.mp4"), measure.brightness(sources / "grey.mp4")
    assert len(shown) == 40
    assert shown[:15] == pytest.approx(whole[:15], abs=2)
    assert shown[25:] == pytest.approx(whole[85:100], abs=2)
    assert all(whole[15] - 2 <= level <= whole[85] + 2 for level in shown[15:25])


@pytest.mark.parametrize(
    ("ending", "audio"), [("mp4", AudioSettings()), ("webm", AudioSettings()), ("mkv", AudioSettings("copy"))]
)
def test_nobody_asked_for_another_loudness(bench: Bench, sources: Path, ending: str, audio: AudioSettings) -> None:
    clip = f"file://{sources}/clip.mp4"
    video = settings("vp9" if ending == "webm" else "h264", height=90)
    transcoded = bench.run(Transcode(clip, (MediaOutput(bench.uri(f"t.{ending}"), video=video, audio=audio),)))
    rendered = bench.run(Render((Scene(clip, 0, 1), Scene(clip, 1, 2)), MediaOutput(bench.uri("r.mp4"))))
    assert (transcoded.status, rendered.status) == ("completed", "completed")
    before = measure.loudness_lufs(sources / "clip.mp4")
    for made in (f"t.{ending}", "r.mp4"):
        assert measure.loudness_lufs(bench.folder / made) == pytest.approx(before, abs=0.5)
