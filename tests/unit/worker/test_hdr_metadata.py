"""What HDR10 says of its screen, from ffprobe's words to the encoders'."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_protocol.work import MediaOutput, VideoSettings
from videojobs_worker.media.encoders import video_arguments
from videojobs_worker.media.hdr_metadata import hdr_metadata

DISPLAY: dict[str, Any] = {
    "side_data_type": "Mastering display metadata", "red_x": "34000/50000", "red_y": "16000/50000",
    "green_x": "13250/50000", "green_y": "34500/50000", "blue_x": "7500/50000", "blue_y": "3000/50000",
    "white_point_x": "15635/50000", "white_point_y": "16450/50000", "min_luminance": "1/10000",
    "max_luminance": "10000000/10000",
}  # fmt: skip
LIGHT: dict[str, Any] = {"side_data_type": "Content light level metadata", "max_content": 1000, "max_average": 400}
WORDS = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"


def test_each_encoder_has_its_words() -> None:
    found = hdr_metadata([{"side_data_type": "H.26[45] User Data"}, DISPLAY, LIGHT])
    assert found is not None
    assert found.x265 == f"hdr10=1:master-display={WORDS}:max-cll=1000,400"
    assert found.x264 == f"mastering-display={WORDS}:cll=1000,400"
    assert found.svt_av1 == (
        "mastering-display=G(0.2650,0.6900)B(0.1500,0.0600)R(0.6800,0.3200)WP(0.3127,0.3290)L(1000.0000,0.0001)"
        ":content-light=1000,400"
    )


@pytest.mark.parametrize(
    "side_data",
    [
        [], [LIGHT], [{**DISPLAY, "red_x": "1/0"}], [{**DISPLAY, "red_x": "red"}],
        [{"side_data_type": DISPLAY["side_data_type"]}],
    ],
    ids=["nothing", "light alone", "no number", "a word", "no points"],
)  # fmt: skip
def test_what_is_not_told_or_wrongly_is_nothing(side_data: list[dict[str, Any]]) -> None:
    assert hdr_metadata(side_data) is None


@pytest.mark.parametrize(
    ("codec", "option", "words"),
    [
        ("h264", "-x264-params", "cll="),
        ("h265", "-x265-params", "max-cll="),
        ("av1", "-svtav1-params", "content-light="),
    ],
)
def test_an_encoder_is_given_them(codec: Any, option: str, words: str) -> None:
    output = MediaOutput("file:///out.mkv", video=VideoSettings(codec))
    arguments = video_arguments(output, "mkv", 2, nvenc=False, hdr=hdr_metadata([DISPLAY, LIGHT]))
    assert words in arguments[arguments.index(option) + 1]
    assert words not in " ".join(video_arguments(output, "mkv", 2, nvenc=False))
