"""The filters of a picture, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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


def blurred(fps: float | None = None, pace: Sequence[str] = (), **wanted: Any) -> str:
    """The filters of a picture of 16:9 on its blurred self."""
    form = replace(PictureFormat(640, 640, "yuv420p", BT709, "Blur"), **wanted)
    return ",".join(picture_chain(video(), form, fps, pace, "7"))


def test_blurred_bars_are_the_picture_made_small_and_large_again_and_it_lies_whole_in_front() -> None:
    split, behind, whole, over = blurred().split(";")
    assert split == "split[whole7][behind7]"
    assert behind.startswith("[behind7]scale=w=114:h=64:eval=frame,crop=w=64:h=64,setsar=1,gblur=sigma=2,format=")
    assert behind.endswith(f"{TAGS},scale=w=640:h=640[bars7]")
    assert whole == f"[whole7]scale=w=640:h=360:eval=frame,setsar=1,format=yuv420p,{TAGS}[picture7]"
    assert over == "[bars7][picture7]overlay=x='(W-w)/2':y='(H-h)/2':format=yuv420"


@pytest.mark.parametrize(
    ("pixel_format", "blended"),
    [("yuv420p", "yuv420"), ("yuv422p", "yuv422"), ("yuv444p", "yuv444"), ("yuv420p10le", "yuv420p10")],
)
def test_blurred_bars_have_the_depth_of_the_output(pixel_format: str, blended: str) -> None:
    assert blurred(pixel_format=pixel_format).endswith(f":format={blended}")


@pytest.mark.parametrize("fps", [12, 30])
def test_no_frame_rate_is_made_behind_blurred_bars(fps: float) -> None:
    chain = blurred(fps, [f"fps={fps}"])
    assert chain.startswith(f"fps={fps},split")
    assert chain.endswith("overlay=x='(W-w)/2':y='(H-h)/2':format=yuv420")


def test_a_picture_of_the_outputs_shape_has_no_blurred_bars() -> None:
    assert blurred(height=360) == f"scale=w=640:h=360:eval=frame,setsar=1,format=yuv420p,{TAGS}"
