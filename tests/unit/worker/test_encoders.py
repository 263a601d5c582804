"""Encoder arguments: every codec that a container holds, its quality, its threads, its tag."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.unit.worker.builders import after
from videojobs_protocol.work import AudioSettings, MediaOutput, VideoCodec, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media import containers, encoders, sound


def output(name: str = "x.mp4", audio: AudioSettings = AudioSettings(), **video: Any) -> MediaOutput:  # noqa: B008
    return MediaOutput(f"file:///media/{name}", None, VideoSettings(**video), audio)


def arguments(made: MediaOutput, *, nvenc: bool = False) -> tuple[str, ...]:
    return encoders.video_arguments(made, containers.container_of(made), 3, nvenc=nvenc)


@pytest.mark.parametrize(
    ("name", "container", "expected"),
    [
        ("x.mp4", None, "mp4"),
        ("x.MKV", None, "mkv"),
        ("x.avi", "mkv", "mkv"),
        ("x", "mp4", "mp4"),
        ("x.mp4", "mkv", "mkv"),
    ],
)
def test_the_container_is_given_or_named(name: str, container: Any, expected: str) -> None:
    assert containers.container_of(MediaOutput(f"file:///{name}", container)) == expected


@pytest.mark.parametrize(
    ("name", "codec", "words"),
    [("x.avi", "h264", "give container"), ("x", "h264", "give container"), ("x.webm", "h264", "webm holds vp9 or av1")],
)
def test_what_cannot_be_is_said(name: str, codec: str, words: str) -> None:
    with pytest.raises(JobError, match=words) as error:
        containers.container_of(output(name, codec=codec))
    assert error.value.reason == "InvalidOutput"
    assert name in error.value.message


@pytest.mark.parametrize("codec", [codec for codec in get_args(VideoCodec) if codec != "copy"])
def test_a_codec_has_an_encoder_a_quality_and_a_thread_count(codec: str) -> None:
    made = arguments(output("x.mkv", codec=codec))
    assert made[0] == "-c:v"
    assert len(after(made, "-crf")) == 1
    assert after(made, "-threads") == ["3"]
    assert after(made, "-pix_fmt") == ["yuv420p"]


@pytest.mark.parametrize(
    ("codec", "option", "value"),
    [("h265", "-x265-params", "log-level=error:pools=3"), ("av1", "-svtav1-params", "lp=3")],
)
def test_encoders_that_count_processors_themselves_are_told(codec: str, option: str, value: str) -> None:
    assert after(arguments(output(codec=codec)), option) == [value]


def test_copy_is_nothing_else() -> None:
    assert arguments(output(codec="copy"), nvenc=True) == ("-c:v", "copy")


@pytest.mark.parametrize(("name", "tags"), [("x.mp4", ["hvc1"]), ("x.mkv", [])])
def test_h265_in_mp4_has_the_tag_that_players_want(name: str, tags: list[str]) -> None:
    assert after(arguments(output(name, codec="h265")), "-tag:v") == tags


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
@pytest.mark.parametrize("rate", [None, 5_000_000])
def test_nvenc_takes_its_own_quality(codec: str, rate: int | None) -> None:
    made = arguments(output(codec=codec, crf=20, bitrate_bps=rate), nvenc=True)
    assert made[1].endswith("_nvenc")
    assert "-crf" not in made
    assert after(made, "-b:v") == (["5000000"] if rate else ["0"])
    assert after(made, "-cq") == ([] if rate else ["20"])


def test_vp9_is_made_by_the_processor_also_on_a_gpu_worker() -> None:
    assert arguments(output("x.webm", codec="vp9"), nvenc=True)[1] == "libvpx-vp9"


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1"])
def test_a_bit_rate_goes_before_a_quality(codec: str) -> None:
    made = arguments(output("x.mkv", codec=codec, bitrate_bps=800_000))
    assert after(made, "-b:v") == ["800000"]
    assert "-crf" not in made


def test_the_best_quality_is_not_taken_for_none() -> None:
    assert after(arguments(output(crf=0)), "-crf") == ["0"]


@pytest.mark.parametrize(
    ("name", "audio", "expected"),
    [
        ("x.mp4", AudioSettings(), ("-c:a", "aac", "-b:a", "128000", "-aac_pns:a", "0")),
        ("x.mkv", AudioSettings(), ("-c:a", "aac", "-b:a", "128000", "-aac_pns:a", "0")),
        ("x.webm", AudioSettings(), ("-c:a", "libopus", "-b:a", "96000")),
        ("x.mp4", AudioSettings("opus", 64_000), ("-c:a", "libopus", "-b:a", "64000")),
        ("x.mp4", AudioSettings("copy"), ("-c:a", "copy")),
        ("x.mp4", AudioSettings("none"), ("-an",)),
    ],
)
def test_sound(name: str, audio: AudioSettings, expected: tuple[str, ...]) -> None:
    made = output(name, audio, codec="vp9")
    assert sound.audio_arguments(made, containers.container_of(made)) == expected


def test_more_channels_get_more_bits() -> None:
    made = output("x.mp4")
    assert [after(sound.audio_arguments(made, "mp4", count), "-b:a") for count in (1, 2, 6)] == [
        ["128000"],
        ["128000"],
        ["384000"],
    ]


def test_mp4_can_be_played_while_it_loads() -> None:
    mp4 = ("-movflags", "+faststart", "-strict", "experimental", "-f", "mp4")
    assert containers.muxer_arguments("mp4") == mp4
    assert containers.muxer_arguments("wav") == ("-rf64", "auto", "-f", "wav")
    assert containers.muxer_arguments("mkv") == ("-f", "matroska")
