"""The filters of a picture, in their order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.builders import video
from videojobs_protocol.work import VideoSettings
from videojobs_worker.media.colour import BT709
from videojobs_worker.media.picture_chain import PictureFormat, picture_chain, transcode_chain

TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
SD = PictureFormat(640, 360, "yuv420p", BT709)


def names(chain: list[str]) -> list[str]:
    return [each.partition("=")[0] for each in chain]


def test_a_transcodes_filters() -> None:
    assert transcode_chain(video(), VideoSettings(fps=29.97)) == [
        "scale=w=1280:h=720:eval=frame", "setsar=1", "fps=30000/1001", "format=yuv420p", TAGS,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stream", "fps", "order"),
    [
        ({}, 25, ["fps", "scale"]),
        ({}, 12, ["fps", "scale"]),
        ({}, 30, ["scale", "fps"]),
        ({"interlaced": True}, 50, ["bwdif", "fps", "scale"]),
        ({"interlaced": True}, 60, ["bwdif", "scale", "fps"]),
    ],
)
def test_what_is_dropped_is_not_scaled_and_what_is_repeated_is_once(
    stream: dict[str, Any], fps: float, order: list[str]
) -> None:
    chain = names(picture_chain(video(**stream), SD, fps, [f"fps={fps}"]))
    assert [name for name in chain if name in ("bwdif", "fps", "scale")] == order


@pytest.mark.parametrize(
    ("pixel_format", "first"),
    [
        ("yuv420p", []),
        ("rgb24", []),
        ("yuva420p", ["format=yuva444p|yuva444p9le|yuva444p10le|yuva444p16le", "premultiply=inplace=1"]),
        ("rgba", ["format=gbrap|gbrap10le|gbrap12le|gbrap16le", "premultiply=inplace=1"]),
        ("pal8", ["format=gbrap|gbrap10le|gbrap12le|gbrap16le", "premultiply=inplace=1"]),
    ],
)
def test_what_is_transparent_becomes_black_before_it_is_scaled(pixel_format: str, first: list[str]) -> None:
    chain = picture_chain(video(pixel_format=pixel_format), SD)
    assert chain[: chain.index("scale=w=640:h=360:eval=frame")] == first


def test_fields_are_parted_before_anything_is_scaled_and_colours_converted_last() -> None:
    stream = video(interlaced=True, matrix="smpte170m", sample_aspect=64 / 45, width=720, height=576)
    chain = names(transcode_chain(stream, VideoSettings(width=1280, height=1024)))
    assert chain == ["bwdif", "scale", "setsar", "pad", "colorspace", "format", "setparams"]
