"""Which streams of a source come into an output, and how its sound is encoded, by real files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import measure, streams
from tests.support.ffmpeg import ffmpeg
from tests.support.measure import loudness_lufs
from tests.support.pipeline import Pipeline, pipeline
from tests.support.streams import pitch_hz
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import (
    AUDIO_CODECS,
    AudioSettings,
    Container,
    MediaOutput,
    Preview,
    Render,
    Scene,
    Transcode,
    VideoSettings,
    Work,
)
from videojobs_worker.media.sound import ENCODERS

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
PCM = AudioSettings("pcm")
SUBTITLES = "1\n00:00:00,100 --> 00:00:00,900\nHello\n"


def tone(hz: int, seconds: float = 1) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=f={hz}:d={seconds}:r=48000")


@pytest.fixture(scope="module")
def film(running: Pipeline) -> Path:
    """A cover, a picture, a commentary, the film's own sound as the default, and subtitles in two languages."""
    folder = running.folder / "film"
    folder.mkdir()
    (folder / "a.srt").write_text(SUBTITLES)
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", str(folder / "cover.png"))
    subtitles = ("-i", str(folder / "a.srt"))
    ffmpeg(
        "-i", str(folder / "cover.png"), *PICTURE, *tone(300), *tone(900), *subtitles, *subtitles,
        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map", "5",
        "-c:v:0", "copy", "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p", "-c:a", "aac", "-c:s", "mov_text",
        "-disposition:v:0", "attached_pic", "-disposition:a:0", "0", "-disposition:a:1", "default",
        "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=eng",
        "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=fra", str(folder / "film.mp4"),
    )  # fmt: skip
    return folder / "film.mp4"


@dataclass(frozen=True)
class Try:
    """The pipeline in this process, and a folder for what a test makes."""

    folder: Path
    run: Callable[[Work], TaskStatus]

    def uri(self, name: str) -> str:
        return f"file://{self.folder}/{name}"

    def transcode(self, source: Path, name: str, audio: AudioSettings | None = None, **output: Any) -> TaskStatus:
        made = MediaOutput(self.uri(name), audio=audio or AudioSettings(), **output)
        return self.run(Transcode(f"file://{source}", (made,)))


@pytest.fixture(scope="module")
def running() -> Iterator[Pipeline]:
    with pipeline() as found:
        yield found


@pytest.fixture
def trial(running: Pipeline, tmp_path: Path) -> Try:
    folder = running.folder / tmp_path.name
    folder.mkdir()
    return Try(folder, lambda work: running.attempt(work, 60))


def done(status: TaskStatus) -> TaskStatus:
    assert status.status == "completed", status.failure
    return status


def reason(status: TaskStatus) -> tuple[str, str]:
    assert status.failure is not None, "it was not refused"
    return status.failure.reason, status.failure.message


def test_the_picture_is_no_cover_and_the_sound_the_default_one(trial: Try, film: Path) -> None:
    status = trial.transcode(film, "out.mp4", video=VideoSettings(height=64))
    done(status)
    assert "left out: 1 sound stream and 2 subtitle streams" in status.details["note"]
    assert "its sound stream 1 is taken" in status.details["note"]
    assert streams.all_of(trial.folder / "out.mp4")[0]["nb_frames"] == "25"
    assert pitch_hz(trial.folder / "out.mp4") == pytest.approx(900, rel=0.05)


def test_a_render_and_a_preview_take_no_cover_either(trial: Try, film: Path) -> None:
    output = MediaOutput(trial.uri("out.mp4"), video=VideoSettings(crf=20))
    status = trial.run(Render((Scene(f"file://{film}", 0.2, 0.8),), output))
    done(status)
    assert pitch_hz(trial.folder / "out.mp4") == pytest.approx(900, rel=0.05)
    preview = trial.run(Preview(f"file://{film}", trial.uri("frames"), frames=2))
    done(preview)
    assert {(each.width, each.height) for each in preview.outputs} == {(160, 90)}


def test_a_scene_takes_the_stream_that_it_names(trial: Try, film: Path) -> None:
    scenes = (Scene(f"file://{film}", 0, 0.4, audio_stream="de"), Scene(f"file://{film}", 0, 0.4, audio_stream="1"))
    done(trial.run(Render(scenes, MediaOutput(trial.uri("out.mkv"), audio=AudioSettings("pcm")))))
    heard = streams.samples(trial.folder / "out.mkv")
    half = len(heard) // 2
    assert streams.pitch_of(heard[:half]) == pytest.approx(300, rel=0.05)
    assert streams.pitch_of(heard[half:]) == pytest.approx(900, rel=0.05)


def test_all_streams_go_where_the_container_can_hold_them(trial: Try, film: Path) -> None:
    every = AudioSettings(streams=("all",))
    for name in ("out.mkv", "out.mp4", "out.webm"):
        codec: Any = "vp9" if name.endswith("webm") else "h264"
        status = trial.transcode(film, name, every, subtitle_streams=("all",), video=VideoSettings(codec))
        done(status)
        kinds = [stream["codec_type"] for stream in streams.all_of(trial.folder / name)]
        assert kinds == ["video", "audio", "audio", "subtitle", "subtitle"]
        languages = [stream["tags"]["language"] for stream in streams.all_of(trial.folder / name)[1:]]
        assert languages in (["deu", "eng", "eng", "fra"], ["ger", "eng", "eng", "fre"])


def test_a_language_chooses(trial: Try, film: Path) -> None:
    done(trial.transcode(film, "out.mp4", AudioSettings(streams=("de",))))
    assert pitch_hz(trial.folder / "out.mp4") == pytest.approx(300, rel=0.05)
    refused = trial.transcode(film, "none.mp4", AudioSettings(streams=("jpn",)))
    why, message = reason(refused)
    assert why == "StreamNotFound"
    assert re.search(r"has 0 \(aac in (ger|deu)\), 1 \(aac in eng\)", message)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.m4a", "aac"), ("a.mp3", "mp3"), ("a.opus", "opus"), ("a.flac", "flac"), ("a.wav", "pcm_s16le")],
)
def test_sound_files_come_from_films_and_from_sound(trial: Try, film: Path, name: str, codec: str) -> None:
    status = trial.transcode(film, name)
    done(status)
    (stream,) = streams.all_of(trial.folder / name)
    assert (stream["codec_name"], status.outputs[0].video_codec) == (codec, None)
    again = trial.transcode(trial.folder / name, f"again.{'flac' if codec == 'mp3' else 'mp3'}")
    done(again)
    picture = trial.transcode(trial.folder / name, "out.mp4")
    assert reason(picture)[0] == "NoVideoStream"


#: Matroska does not say which channel of PCM is which, QuickTime does.
LAYOUTS = [
    ("mov", "FL", 1, 1), ("mkv", "mono", 1, 1), ("mkv", "FC+LFE", 2, 2), ("mov", "2.1", 3, 6), ("mov", "quad", 4, 6),
    ("mov", "5.1(side)", 6, 6), ("mov", "hexagonal", 6, 6), ("mov", "octagonal", 8, 8), ("mkv", "quad", 4, 2),
    ("mkv", "hexadecagonal", 16, 2),
]  # fmt: skip


@pytest.mark.parametrize(("container", "layout", "count", "channels"), LAYOUTS)
def test_every_layout_becomes_one_that_players_know(
    trial: Try, container: str, layout: str, count: int, channels: int
) -> None:
    source = trial.folder / f"source.{container}"
    tones = "|".join(f"0.1*sin({400 + 100 * number}*t)" for number in range(count))
    sound = ("-f", "lavfi", "-i", f"aevalsrc='{tones}':c={layout}:s=48000:d=1")
    ffmpeg(*PICTURE, *sound, *CODED, "-c:a", "pcm_s16le", str(source))
    for name in ("out.mp4", "out.webm", "out.flac", "out.mp3"):
        codec: Any = "vp9" if name.endswith("webm") else "h264"
        done(trial.transcode(source, name, video=VideoSettings(codec, height=90)))
        (made,) = [each for each in streams.all_of(trial.folder / name) if each["codec_type"] == "audio"]
        wanted = min(channels, 2) if name == "out.mp3" else channels
        standard = {1: {"mono"}, 2: {"stereo"}, 6: {"5.1", "5.1(side)"}, 8: {"7.1"}}[wanted]
        assert (made["channels"], made.get("channel_layout") in standard) == (wanted, True)


@pytest.mark.parametrize(("name", "target", "volume"), [("a.mp4", -16, 0.1), ("a.mp3", -23, 1.0), ("a.flac", -14, 0.3)])
def test_an_output_is_as_loud_as_was_asked(trial: Try, name: str, target: int, volume: float) -> None:
    source = trial.folder / "source.mkv"
    music = f"aevalsrc='{volume}*0.5*(sin(2*PI*300*t)+0.5*sin(2*PI*1100*t))':s=48000:d=4:c=stereo"
    ffmpeg(*PICTURE, "-f", "lavfi", "-i", music, *CODED, "-c:a", "pcm_s16le", str(source))
    done(trial.transcode(source, name, AudioSettings(loudness_lufs=target)))
    assert loudness_lufs(trial.folder / name) == pytest.approx(target, abs=0.5)


def test_peaks_are_limited_and_that_is_reported(trial: Try) -> None:
    source = trial.folder / "source.flac"
    clicks = "aevalsrc='if(lt(mod(t,0.5),0.002),0.9,0.01)*sin(2*PI*500*t)':s=48000:d=4:c=mono"
    ffmpeg("-f", "lavfi", "-i", clicks, str(source))
    status = done(trial.transcode(source, "a.wav", AudioSettings(loudness_lufs=-16)))
    assert "dBTP: they are limited to -1" in status.details["note"]
    assert max(map(abs, streams.samples(trial.folder / "a.wav"))) < 0.92


@pytest.mark.parametrize(("name", "rate_hz"), [("a.wav", 44_100), ("a.m4a", 48_000)])
def test_what_a_limiter_takes_away_is_made_up_for(trial: Try, name: str, rate_hz: int) -> None:
    """Bursts of noise over a quiet tone: the limiter alone would leave it too quiet."""
    source = trial.folder / "source.flac"
    bursts = f"aevalsrc='if(lt(mod(t,0.4),0.05),0.9*(random(0)*2-1),0.02*sin(2*PI*300*t))':s={rate_hz}:d=6:c=mono"
    ffmpeg("-f", "lavfi", "-i", bursts, str(source))
    status = done(trial.transcode(source, name, AudioSettings(loudness_lufs=-16)))
    assert "limited to -1" in status.details["note"]
    assert loudness_lufs(trial.folder / name) == pytest.approx(-16, abs=0.5)
    if name == "a.wav":
        assert measure.true_peak_db(trial.folder / name) <= -0.8


def test_left_and_right_of_a_broadcasters_file_are_one_stereo_sound(trial: Try) -> None:
    source = trial.folder / "source.mxf"
    tones = [tone(300 + 200 * number) for number in range(4)]
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1", *[word for each in tones for word in each],
           *[word for number in range(5) for word in ("-map", str(number))],
           "-c:v", "mpeg2video", "-c:a", "pcm_s16le", str(source))  # fmt: skip
    status = done(trial.transcode(source, "out.flac"))
    assert status.details["note"] == (
        "left out: 2 sound streams of the source; its sound streams 0 and 1 are taken as left and right"
    )
    left, right = streams.channels(trial.folder / "out.flac", 2)
    assert (streams.pitch_of(left), streams.pitch_of(right)) == (
        pytest.approx(300, rel=0.05), pytest.approx(500, rel=0.05),
    )  # fmt: skip
    done(trial.run(Render((Scene(f"file://{source}", 0, 0.8),), MediaOutput(trial.uri("out.mkv"), audio=PCM))))
    left, right = streams.channels(trial.folder / "out.mkv", 2)
    assert (streams.pitch_of(left), streams.pitch_of(right)) == (
        pytest.approx(300, rel=0.05), pytest.approx(500, rel=0.05),
    )  # fmt: skip
    done(trial.transcode(source, "third.flac", AudioSettings(streams=("2",))))
    assert pitch_hz(trial.folder / "third.flac") == pytest.approx(700, rel=0.05)
    done(trial.transcode(source, "all.mkv", AudioSettings("copy", streams=("all",))))
    assert [stream["codec_name"] for stream in streams.all_of(trial.folder / "all.mkv")[1:]] == ["pcm_s16le"] * 4


@pytest.mark.parametrize("second", ["mp2", "s302m"])
def test_a_transport_stream_keeps_its_sounds(trial: Try, second: str) -> None:
    """SMPTE 302M is what mp4 does not hold, in which a render looks for frames."""
    source = trial.folder / "source.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", *tone(300, 2), *tone(900, 2), "-map", "0", "-map", "1",
           "-map", "2", *CODED, "-c:a:0", "aac", "-c:a:1", second, "-ac:a:1", "2", "-strict", "experimental",
           "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=eng", str(source))  # fmt: skip
    status = done(trial.transcode(source, "one.mp4"))
    assert status.details["note"] == "left out: 1 sound stream of the source"
    done(trial.transcode(source, "two.mkv", AudioSettings(streams=("all",))))
    assert len(streams.all_of(trial.folder / "two.mkv")) == 3
    done(trial.transcode(source, "en.mp3", AudioSettings(streams=("en",))))
    assert pitch_hz(trial.folder / "en.mp3") == pytest.approx(900, rel=0.05)
    scenes = (Scene(f"file://{source}", 0, 1, audio_stream="en"), Scene(f"file://{source}", 0, 1, audio_stream="0"))
    done(trial.run(Render(scenes, MediaOutput(trial.uri("out.mkv"), audio=PCM))))
    heard = streams.samples(trial.folder / "out.mkv")
    assert streams.pitch_of(heard[: len(heard) // 2]) == pytest.approx(900, rel=0.05)
    assert streams.pitch_of(heard[len(heard) // 2 :]) == pytest.approx(300, rel=0.05)


@pytest.mark.parametrize("container", AUDIO_CODECS)
def test_a_container_holds_each_of_its_codecs(trial: Try, film: Path, container: Container) -> None:
    for codec in AUDIO_CODECS[container]:
        settings = VideoSettings("vp9" if container == "webm" else "h264", height=90)
        done(trial.transcode(film, f"{codec}.{container}", AudioSettings(codec), video=settings))
        sound = streams.all_of(trial.folder / f"{codec}.{container}")[-1]
        assert sound["codec_name"] == ENCODERS[codec].stream_codec


def test_a_bit_rate_that_opus_does_not_take_becomes_its_highest(trial: Try, film: Path) -> None:
    done(trial.transcode(film, "out.opus", AudioSettings(bitrate_bps=2_000_000)))


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.m4a", "out.mp3"])
def test_chapters_end_with_the_film(trial: Try, name: str) -> None:
    chapters = trial.folder / "chapters.txt"
    times = [(0, 500, "One"), (500, 1500, "Two"), (1500, 90_000, "Three")]
    blocks = [f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={a}\nEND={b}\ntitle={title}\n" for a, b, title in times]
    chapters.write_text(";FFMETADATA1\n" + "".join(blocks))
    source = trial.folder / "source.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", *tone(300, 2), "-i", str(chapters), "-map", "0",
           "-map", "1", "-map_chapters", "2", *CODED, "-c:a", "aac", str(source))  # fmt: skip
    done(trial.transcode(source, name))
    found = measure.chapters(trial.folder / name)
    assert [title for title, _, _ in found] == ["One", "Two", "Three"]
    assert found[-1][1:] == (pytest.approx(1.5, abs=0.01), pytest.approx(2, abs=0.05))
    assert streams.duration_s(trial.folder / name) == pytest.approx(2, abs=0.08)
