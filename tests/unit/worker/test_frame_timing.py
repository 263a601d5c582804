"""The frames of a transcode keep their times: even or not, without timestamps, with a last one that stands long."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.worker.builders import after, ffmpeg, source, times, video
from videojobs_protocol.work import MediaOutput, VideoSettings
from videojobs_worker.errors import JobError
from videojobs_worker.media.transcode.frame_timing import check_timed, timing_arguments, timing_filters

OLD, NEW = replace(ffmpeg(), libavcodec=(59, 37)), replace(ffmpeg(), libavcodec=(61, 19))
H264 = VideoSettings("h264")
UNEVEN = {"constant": False, "measured": True}


def arguments(
    picture: Any, settings: VideoSettings = H264, container: Any = "mp4", build: Any = OLD
) -> tuple[str, ...]:
    return timing_arguments(source(picture=video(times=picture)), settings, container, build)


def test_a_rate_that_is_asked_for_is_left_to_its_filter() -> None:
    assert arguments(times(**UNEVEN), VideoSettings("h264", fps=30)) == ()


def test_even_frames_stay_even_and_none_is_before_the_picture_begins() -> None:
    assert arguments(times()) == ("-fps_mode:v", "cfr")
    assert arguments(times(first_s=0.021)) == arguments(times(first_s=3.0)) == ("-fps_mode:v", "vfr")


def test_slides_have_their_own_rate_and_not_that_of_their_clock() -> None:
    assert arguments(times(fps=1 / 25, measured=True)) == ("-r:v", "1/25", "-fps_mode:v", "cfr")


def test_uneven_frames_keep_the_ticks_of_their_source() -> None:
    made = arguments(times(**UNEVEN))
    assert made == ("-fps_mode:v", "vfr", "-enc_time_base:v", OLD.source_time_base)


def test_frames_that_are_counted_get_the_ticks_of_their_rate() -> None:
    assert arguments(times(fps=30_000 / 1001, timed=False)) == ("-r:v", "30000/1001", "-fps_mode:v", "cfr")
    late = arguments(times(first_s=0.5, fps=30_000 / 1001, timed=False))
    assert late == ("-fps_mode:v", "vfr", "-enc_time_base:v", "1001/30000")
    assert timing_filters(source(picture=video(times=times(timed=False)))) == ("setpts=N/(25)/TB+0.000000/TB", "fps=25")
    assert timing_filters(source()) == ()


@pytest.mark.parametrize(
    ("codec", "container", "ticks", "order"),
    [("h264", "mp4", 135_000, ["0"]), ("h265", "mkv", 1500, ["0"]), ("vp9", "webm", 1500, [])],
)
def test_a_last_frame_that_stands_long_keeps_its_time(codec: Any, container: Any, ticks: int, order: list[str]) -> None:
    held = times(fps=10, last_frame_s=1.5, **UNEVEN)
    old = arguments(held, VideoSettings(codec), container)
    assert f",{ticks}," in after(old, "-bsf:v")[0]
    assert after(old, "-bf") == order
    new = arguments(held, VideoSettings(codec), container, NEW)
    assert (after(new, "-bsf:v"), after(new, "-bf")) == ([], order)


def test_a_last_frame_like_others_needs_nothing() -> None:
    assert after(arguments(times(last_frame_s=0.04, **UNEVEN)), "-bsf:v") == []


def test_frames_without_timestamps_cannot_be_copied() -> None:
    output = MediaOutput("file:///media/out.mp4", video=VideoSettings("copy"))
    check_timed(output, video())
    with pytest.raises(JobError, match="no timestamps") as error:
        check_timed(output, video(times=times(timed=False)))
    assert error.value.reason == "InvalidOutput"
