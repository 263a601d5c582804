"""A transcode is one run with one decode, whatever it makes, and what fits already is copied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.builders import after, audio, ffmpeg, source, video
from videojobs_protocol.work import AudioSettings, MediaOutput, Transcode, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Plan
from videojobs_worker.media.source import AudioStream, Source, SubtitleStream, VideoStream
from videojobs_worker.media.transcode.output_plans import choice_of, left_out, output_plans
from videojobs_worker.media.transcode.transcode_runs import plan_transcode


def output(name: str, audio: AudioSettings = AudioSettings(), **settings: Any) -> MediaOutput:  # noqa: B008
    return MediaOutput(f"file:///media/{name}", None, VideoSettings(**settings), audio)


def plan(*outputs: MediaOutput, read: Source | None = None, nvenc: bool = False) -> Plan:
    targets = [Path(f"/staged/{number}") for number in range(len(outputs))]
    read = read or source()
    found = output_plans(Transcode("file:///media/a.mp4", outputs), read)
    return plan_transcode(found, read, targets, 2, ffmpeg=ffmpeg(), nvenc=nvenc)


def choice(*outputs: MediaOutput, **changes: Any) -> tuple[str, str]:
    made = choice_of(output_plans(Transcode("file:///media/a.mp4", outputs), source(**changes)))
    return made.strategy, made.reason


def test_many_outputs_are_one_run_with_one_input() -> None:
    made = plan(output("a.mp4", width=640), output("b.webm", codec="vp9"), output("c.mkv", codec="copy"))
    (step,) = made.steps
    assert after(step.arguments, "-i") == ["file:/media/a.mp4"]
    assert [value for value in step.arguments if value.startswith("file:/staged")] == [
        "file:/staged/0",
        "file:/staged/1",
        "file:/staged/2",
    ]
    assert after(step.arguments, "-c:v") == ["libx264", "libvpx-vp9", "copy"]
    assert step.duration_s == 10.0


def test_the_source_can_name_no_other_file() -> None:
    (step,) = plan(output("a.mp4")).steps
    before_input = step.arguments[: step.arguments.index("-i")]
    assert after(before_input, "-protocol_whitelist") == ["file"]
    assert "-nostdin" in before_input
    assert after(before_input, "-threads") == ["2"]


@pytest.mark.parametrize(
    ("picture", "asked", "kept"),
    [
        (video(), {}, False),
        (video(fps=30000 / 1001), {}, False),
        (video(steady=False), {}, True),
        (video(fps=2970 / 83), {}, True),
        (video(steady=False), {"fps": 25}, False),
    ],
)
def test_uneven_frames_keep_their_times(picture: VideoStream, asked: dict[str, Any], kept: bool) -> None:
    """In mp4 too, where ffmpeg would show some twice and drop others to make them even."""
    (step,) = plan(output("a.mp4", height=360, **asked), read=source(picture=picture)).steps
    assert after(step.arguments, "-enc_time_base:v") == (["demux"] if kept else [])


SUBTITLES = (SubtitleStream("subrip", 5, "eng"), SubtitleStream("hdmv_pgs_subtitle", 6, "ger", default=True, number=1))


def sounds(*codecs: str) -> tuple[AudioStream, ...]:
    """Streams 1 and up; one without a codec cannot be decoded."""
    return tuple(
        audio(codec=codec or "unknown", index=number, number=number - 1, decodable=bool(codec), language=language)
        for (number, codec), language in zip(enumerate(codecs, 1), ("eng", "ger", "fra", "spa"), strict=False)
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sounds": ()}, ""),
        ({"sounds": sounds("aac")}, ""),
        ({"sounds": sounds("aac", "aac")}, "left out: 1 sound stream of the source"),
        (
            {"sounds": sounds("aac", "aac", "aac", "aac"), "subtitles": SUBTITLES, "pictures": 2},
            "left out: 1 picture stream and 3 sound streams and 2 subtitle streams of the source",
        ),
    ],
)
def test_what_is_not_taken_is_reported(changes: dict[str, Any], text: str) -> None:
    read = source(**changes)
    assert left_out(output_plans(Transcode("a", (output("a.mp4"),)), read), read) == text


def test_a_sound_that_is_not_the_first_is_reported() -> None:
    read = source(sounds=sounds("", "aac"))
    read = replace(read, info=replace(read.info, audio=read.info.sounds[1]))
    made = output_plans(Transcode("a", (output("a.mp4"),)), read)
    assert left_out(made, read) == (
        "left out: 1 sound stream of the source; 1 of its sound streams cannot be decoded by this ffmpeg; "
        "its sound stream 1 is taken"
    )


@pytest.mark.parametrize(
    ("selectors", "maps", "codecs"),
    [
        ((), ["0:0", "0:1"], ["copy"]),
        (("all",), ["0:0", "0:1", "0:2", "0:3"], ["copy", "aac", "aac"]),
        (("2", "eng"), ["0:0", "0:1", "0:3"], ["copy", "aac"]),
        (("de",), ["0:0", "0:2"], ["aac"]),
        (("deu",), ["0:0", "0:2"], ["aac"]),
        (("default",), ["0:0", "0:1"], ["copy"]),
    ],
)
def test_streams_are_chosen_by_number_language_or_all(
    selectors: tuple[str, ...], maps: list[str], codecs: list[str]
) -> None:
    (step,) = plan(
        output("a.mp4", AudioSettings(streams=selectors)), read=source(sounds=sounds("aac", "ac3", "dts"))
    ).steps
    assert after(step.arguments, "-map") == maps
    assert [after(step.arguments, f"-c:a:{number}") for number in range(len(codecs))] == [[codec] for codec in codecs]


def test_a_stream_that_is_not_there_is_an_error_that_lists_what_is() -> None:
    chosen = output("a.mp4", AudioSettings(streams=("jpn",)))
    with pytest.raises(JobError, match=r"no stream of sound 'jpn': it has 0 \(aac in eng\), 1 \(ac3 in ger\)") as error:
        plan(chosen, read=source(sounds=sounds("aac", "ac3")))
    assert error.value.reason == "StreamNotFound"


@pytest.mark.parametrize(
    ("name", "selectors", "codecs"),
    [
        ("a.mp4", ("all",), ["mov_text"]),
        ("a.webm", ("0",), ["webvtt"]),
        ("a.mkv", ("all",), ["copy", "copy"]),
        ("a.mkv", (), []),
    ],
)
def test_subtitles_become_what_the_container_holds(name: str, selectors: tuple[str, ...], codecs: list[str]) -> None:
    codec: Any = "vp9" if name.endswith("webm") else "h264"
    chosen = replace(output(name, codec=codec), subtitle_streams=selectors)
    (step,) = plan(chosen, read=source(subtitles=SUBTITLES)).steps
    assert [after(step.arguments, f"-c:s:{number}") for number in range(len(codecs))] == [[each] for each in codecs]


def test_bitmap_subtitles_that_were_chosen_are_refused_where_they_cannot_be() -> None:
    with pytest.raises(JobError, match="mp4 cannot hold the source's hdmv_pgs_subtitle subtitles: choose mkv"):
        plan(replace(output("a.mp4"), subtitle_streams=("ger",)), read=source(subtitles=SUBTITLES))


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.opus", "a.flac", "a.wav"])
def test_a_sound_file_has_no_picture_whatever_the_source_has(name: str) -> None:
    for read in (source(), source(picture=None)):
        made = plan(output(name), read=read)
        assert after(made.steps[0].arguments, "-map") == ["0:1"]
        assert "-vn" in made.steps[0].arguments
        assert (made.expectations[0].picture, made.expectations[0].audio) == (False, True)


@pytest.mark.parametrize(
    ("chosen", "read", "reason"),
    [
        (output("a.mp3"), source(sounds=()), "NoAudioStream"),
        (output("a.mp3", AudioSettings(streams=("all",))), source(sounds=sounds("aac", "aac")), "InvalidOutput"),
        (output("a.mp4"), source(picture=None), "NoVideoStream"),
        (output("a.mp4", AudioSettings("copy")), source(sounds=sounds("pcm_s16le")), "InvalidOutput"),
        (output("a.mp4", codec="copy"), source(picture=video(codec="prores")), "InvalidOutput"),
        (output("a.mp4", codec="copy"), source(picture=video(codec="vp8")), "InvalidOutput"),
        (output("a.webm", AudioSettings("copy"), codec="vp9"), source(), "InvalidOutput"),
    ],
)
def test_what_cannot_be_is_refused_before_ffmpeg_starts(chosen: MediaOutput, read: Source, reason: str) -> None:
    with pytest.raises(JobError) as error:
        plan(chosen, read=read)
    assert error.value.reason == reason


def test_a_name_that_looks_like_an_option_is_a_file() -> None:
    read = source("-y")
    made = output_plans(Transcode("file:///media/a.mp4", (output("a.mp4"),)), read)
    (step,) = plan_transcode(made, read, [Path("/staged/-f")], 1, ffmpeg=ffmpeg()).steps
    assert "file:/media/-y" in step.arguments
    assert step.arguments[-1] == "file:/staged/-f"


def test_a_copied_picture_is_not_filtered() -> None:
    (step,) = plan(output("a.mkv", codec="copy")).steps
    assert "-vf" not in step.arguments


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([output("a.mp4")], ("Copy", "picture copied, sound copied")),
        ([output("a.mp4", AudioSettings("none"))], ("Copy", "picture copied")),
        ([output("a.mp4", crf=20)], ("Smart", "picture encoded (a quality was asked for), sound copied")),
        (
            [output("a.mp4"), output("b.webm", codec="vp9")],
            (
                "Smart",
                "outputs[0]: picture copied, sound copied. outputs[1]: "
                "picture encoded (its codec is h264, not vp9), sound encoded (its codec is aac, not opus)",
            ),
        ),
        (
            [output("b.webm", AudioSettings("none"), codec="vp9")],
            ("Full", "picture encoded (its codec is h264, not vp9)"),
        ),
    ],
)
def test_what_fits_is_copied_and_the_status_says_so(outputs: list[MediaOutput], expected: tuple[str, str]) -> None:
    assert choice(*outputs) == expected


def test_a_source_that_fits_is_copied() -> None:
    (step,) = plan(output("a.mp4"), output("b.mkv", crf=20)).steps
    assert after(step.arguments, "-c:v") == ["copy", "libx264"]
    assert after(step.arguments, "-c:a:0") == ["copy", "copy"]


def test_where_copying_does_not_work_out_everything_is_encoded_that_may_be() -> None:
    read = source()
    work = Transcode("file:///media/a.mp4", (output("a.mp4"), output("b.mkv", AudioSettings("copy"), codec="copy")))
    again = [way.encoding() for way in output_plans(work, read)]
    (step,) = plan_transcode(again, read, [Path("/staged/0"), Path("/staged/1")], 2, ffmpeg=ffmpeg()).steps
    assert after(step.arguments, "-c:v") == ["libx264", "copy"]
    assert after(step.arguments, "-c:a:0") == ["aac", "copy"]


def test_a_bit_rate_is_met_by_two_passes_with_as_many_streams_in_each() -> None:
    outputs = output("a.mp4", crf=20), output("b.webm", codec="vp9", bitrate_bps=9), output("c.mp4", bitrate_bps=9)
    measuring, making = plan(*outputs).steps
    assert (measuring.stage, making.stage) == ("Measuring", "Encoding")
    assert after(measuring.arguments, "-map") == after(making.arguments, "-map")
    assert after(measuring.arguments, "-c:v") == ["copy", "libvpx-vp9", "libx264"]
    assert after(measuring.arguments, "-passlogfile") == ["statistics-1", "statistics-2"]
    assert after(measuring.arguments, "-passlogfile") == after(making.arguments, "-passlogfile")
    assert (after(measuring.arguments, "-pass"), after(making.arguments, "-pass")) == (["1", "1"], ["2", "2"])
    assert after(measuring.arguments, "-f") == ["null"] * 3


@pytest.mark.parametrize(
    ("made", "nvenc"),
    [
        (output("a.mp4"), False),
        (output("a.mp4", codec="av1", bitrate_bps=9), False),
        (output("a.mp4", bitrate_bps=9), True),
    ],
)
def test_one_pass_where_two_gain_nothing(made: MediaOutput, nvenc: bool) -> None:
    assert len(plan(made, nvenc=nvenc).steps) == 1


def test_x265_is_told_its_pass_among_its_own_options() -> None:
    steps = plan(output("a.mp4", codec="h265", bitrate_bps=9)).steps
    told = [after(step.arguments, "-x265-params")[0].partition("pools=2:")[2] for step in steps]
    assert told == ["pass=1:stats=statistics-0", "pass=2:stats=statistics-0"]


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (output("a.webm", AudioSettings("none"), codec="copy"), "h264"),
        (output("a.webm", AudioSettings("copy"), codec="vp9"), "aac"),
    ],
)
def test_what_a_container_cannot_hold_is_not_copied_into_it(made: MediaOutput, wrong: str) -> None:
    with pytest.raises(JobError, match=f"webm cannot hold the source's {wrong}") as error:
        plan(made)
    assert error.value.reason == "InvalidOutput"


def test_a_copied_h265_has_the_tag_that_players_know() -> None:
    (step,) = plan(output("a.mp4", codec="copy"), read=source(picture=video(codec="hevc"))).steps
    assert after(step.arguments, "-tag:v") == ["hvc1"]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (output("a.mp4"), ("h264", True, 1280, 720)),
        (output("a.mp4", codec="h265", width=640), ("hevc", True, 640, 360)),
        (output("a.webm", codec="av1", height=100), ("av1", True, 178, 100)),
        (output("a.mkv", codec="copy"), ("h264", True, None, None)),
        (output("a.mp4", AudioSettings("none")), ("h264", False, 1280, 720)),
    ],
)
def test_what_must_come_of_it(made: MediaOutput, expected: tuple[Any, ...]) -> None:
    (found,) = plan(made).expectations
    assert (*found.video_codecs, found.audio, found.width, found.height) == expected
    assert found.duration_s == 10.0


def test_a_source_without_sound_gives_none() -> None:
    (found,) = plan(output("a.mp4"), read=source(sound=None)).expectations
    assert found.audio is False


def test_no_picture_is_named() -> None:
    with pytest.raises(JobError, match=r"a\.mp4 has no picture") as error:
        plan(output("a.mp4"), read=source(picture=None))
    assert (error.value.reason, error.value.retryable) == ("NoVideoStream", False)


def test_nvenc_changes_the_encoder_and_nothing_that_must_come_of_it() -> None:
    asked = output("a.mp4", crf=20)
    on_gpu, on_cpu = plan(asked, nvenc=True), plan(asked)
    assert after(on_gpu.steps[0].arguments, "-c:v") == ["h264_nvenc"]
    assert on_gpu.expectations == on_cpu.expectations


def test_a_turned_source_is_measured_as_shown() -> None:
    (found,) = plan(output("a.mp4", width=360), read=source(picture=video(width=720, height=1280))).expectations
    assert (found.width, found.height) == (360, 640)
