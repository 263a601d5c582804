"""A transcode is one run with one decode, whatever it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.builders import after, audio, source, video
from videojobs_protocol.work import AudioSettings, MediaOutput, Transcode, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Plan
from videojobs_worker.media.transcode import plan_transcode


def output(name: str, audio: AudioSettings = AudioSettings(), **settings: Any) -> MediaOutput:  # noqa: B008
    return MediaOutput(f"file:///media/{name}", None, VideoSettings(**settings), audio)


def plan(*outputs: MediaOutput, read: Any = None, nvenc: bool = False) -> Plan:
    targets = [Path(f"/staged/{number}") for number in range(len(outputs))]
    return plan_transcode(Transcode("file:///media/a.mp4", outputs), read or source(), targets, 2, nvenc=nvenc)


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


def test_a_name_that_looks_like_an_option_is_a_file() -> None:
    made = plan_transcode(Transcode("file:///media/a.mp4", (output("a.mp4"),)), source("-y"), [Path("/staged/-f")], 1)
    (step,) = made.steps
    assert "file:/media/-y" in step.arguments
    assert step.arguments[-1] == "file:/staged/-f"


def test_a_copied_picture_is_not_filtered() -> None:
    (step,) = plan(output("a.mkv", codec="copy")).steps
    assert "-vf" not in step.arguments


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


@pytest.mark.parametrize(("channels", "filters"), [(2, 0), (1, 0), (6, 1), (8, 1)])
def test_opus_is_told_which_surround_layouts_it_takes(channels: int, filters: int) -> None:
    made = plan(output("a.webm", codec="vp9"), read=source(sound=audio(channels=channels)))
    assert len(after(made.steps[0].arguments, "-af")) == filters


def test_aac_keeps_its_surround_layout() -> None:
    made = plan(output("a.mp4"), read=source(sound=audio(channels=6)))
    assert after(made.steps[0].arguments, "-af") == []


def test_no_picture_is_named() -> None:
    with pytest.raises(JobError, match=r"a\.mp4 has no picture") as error:
        plan(output("a.mp4"), read=source(picture=None))
    assert (error.value.reason, error.value.retryable) == ("NoVideoStream", False)


def test_nvenc_changes_the_encoder_and_nothing_that_must_come_of_it() -> None:
    on_gpu, on_cpu = plan(output("a.mp4"), nvenc=True), plan(output("a.mp4"))
    assert after(on_gpu.steps[0].arguments, "-c:v") == ["h264_nvenc"]
    assert on_gpu.expectations == on_cpu.expectations


def test_a_turned_source_is_measured_as_shown() -> None:
    (found,) = plan(output("a.mp4", width=360), read=source(picture=video(width=720, height=1280))).expectations
    assert (found.width, found.height) == (360, 640)
