"""A stream is copied only where it is all that was asked for; else the reasons name every field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import audio, video
from videojobs_protocol.work import AudioSettings, MediaOutput, VideoSettings
from videojobs_worker.media.compatibility import picture_differences, sound_differences


@pytest.mark.parametrize(
    ("asked", "stream", "expected"),
    [
        ({}, {}, []),
        ({"width": 1280}, {}, []),
        ({"fps": 25}, {}, []),
        ({"codec": "copy"}, {"codec": "vp8", "rotation": 90}, []),
        ({"codec": "h265", "pixel_format": "yuv420p10le"}, {"codec": "hevc", "pixel_format": "yuv420p10le"}, []),
        ({"codec": "h265"}, {}, ["its codec is h264, not hevc"]),
        ({"width": 640, "height": 480}, {}, ["its size is 1280x720, not 640x480"]),
        ({}, {"width": 853}, ["its size is 853x720, not 852x720"]),
        ({}, {"sample_aspect": 4 / 3}, ["its size is 1280x720, not 1706x720", "its sample aspect is 1.33333, not 1"]),
        ({}, {"pixel_format": "yuv444p"}, ["its pixel format is yuv444p, not yuv420p"]),
        ({}, {"rotation": 90}, ["its rotation is 90, not 0"]),
        ({}, {"interlaced": True}, ["its field order is interlaced, not progressive"]),
        ({}, {"transfer": "smpte2084"}, ["its light is HDR, not SDR"]),
        ({"fps": 30}, {}, ["its frame rate is 25, not 30"]),
        ({"fps": 25}, {"steady": False}, ["its frame rate is not constant"]),
        ({}, {"steady": False}, []),
        ({"crf": 20}, {}, ["a quality was asked for"]),
        ({"bitrate_bps": 1000}, {}, ["a bit rate was asked for"]),
    ],
)
def test_a_picture_is_copied_where_nothing_differs(
    asked: dict[str, Any], stream: dict[str, Any], expected: list[str]
) -> None:
    assert picture_differences(MediaOutput("file:///a.mp4", None, VideoSettings(**asked)), video(**stream)) == expected


@pytest.mark.parametrize(
    ("asked", "container", "codec", "expected"),
    [
        (AudioSettings(), "mp4", "aac", []),
        (AudioSettings(), "webm", "opus", []),
        (AudioSettings("copy"), "mkv", "ac3", []),
        (AudioSettings("opus"), "mp4", "opus", []),
        (AudioSettings(), "mp4", "mp3", ["its codec is mp3, not aac"]),
        (AudioSettings(None, 64_000), "mp4", "aac", ["a bit rate was asked for"]),
    ],
)
def test_sound_is_copied_where_nothing_differs(
    asked: AudioSettings, container: Any, codec: str, expected: list[str]
) -> None:
    assert (
        sound_differences(MediaOutput("file:///a", container, audio=asked), container, audio(codec=codec)) == expected
    )
