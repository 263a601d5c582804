"""An ordinary file's header is believed; one that says nothing, contradicts itself or cannot be true is not."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_worker.probe.header_doubts import doubts_of

PICTURE = {
    "codec_type": "video", "avg_frame_rate": "25/1", "r_frame_rate": "25/1", "nb_frames": "75", "duration": "3.000000",
}  # fmt: skip
SOUND = {"codec_type": "audio", "nb_frames": "142", "duration": "3.000000"}
MP4 = {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "3.000000", "size": "300000"}
MKV = {**MP4, "format_name": "matroska,webm"}
TAGGED = {"duration": None, "nb_frames": None, "tags": {"DURATION": "00:00:03.000000000"}}
LENGTH, RATE = {"length"}, {"rate"}


def test_nothing_is_doubted_of_an_ordinary_file() -> None:
    assert doubts_of(MP4, [PICTURE, SOUND]) == set()
    assert doubts_of({**MP4, "format_name": "mpegts"}, [{**PICTURE, "nb_frames": "N/A"}]) == set()


@pytest.mark.parametrize(
    ("container", "picture", "doubted"),
    [
        ({"duration": "N/A"}, {}, LENGTH),
        ({"duration": None}, {}, LENGTH),
        ({"format_name": "h264", "duration": "N/A"}, {"duration": "N/A"}, LENGTH),
        ({"format_name": "flv"}, {}, LENGTH),  # metadata that anybody may write
        ({}, {"duration": "N/A"}, LENGTH),
        ({}, {"nb_frames": "N/A"}, LENGTH),  # fragments
        ({}, {"nb_frames": "0"}, LENGTH),
        ({}, {"nb_frames": "88"}, LENGTH),  # an edit list hides some
        ({}, {"nb_frames": "76"}, LENGTH),
        ({"duration": "143165.6"}, {"duration": "143165.6", "nb_frames": "3579140"}, LENGTH),
        ({"size": "100", "duration": "3.0"}, {}, LENGTH),
        ({}, {"r_frame_rate": "50/1"}, RATE),
        ({}, {"avg_frame_rate": "0/0"}, set()),
    ],
)
def test_what_cannot_be_believed(container: Any, picture: Any, doubted: set[str]) -> None:
    assert doubts_of({**MP4, **container}, [{**PICTURE, **picture}, SOUND]) == doubted


def test_matroska_is_never_believed() -> None:
    """A recorder that is stopped leaves any length, in the header and in the tags."""
    assert doubts_of(MKV, [{**PICTURE, **TAGGED}, {**SOUND, **TAGGED}]) == LENGTH


def test_a_file_without_picture_and_sound_has_nothing_to_doubt() -> None:
    assert doubts_of({"format_name": "mov"}, []) == set()
