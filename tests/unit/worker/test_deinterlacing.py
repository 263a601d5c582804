"""Each field becomes a frame, unless the output has room for fewer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.unit.worker.builders import video
from videojobs_worker.media.deinterlacing import field_filters, picture_rate

FIELDS = "bwdif=mode=send_field:deint=interlaced"
FRAMES = "bwdif=mode=send_frame:deint=interlaced"


@pytest.mark.parametrize(
    ("changes", "fps", "filters"),
    [
        ({"interlaced": False}, None, []),
        ({}, None, [FIELDS]),
        ({}, 50, [FIELDS]),
        ({}, 30, [FIELDS]),
        ({}, 25, [FRAMES]),
        ({}, 12.5, [FRAMES]),
        ({"fps": 29.97}, 29.97, [FRAMES]),
        ({"codec": "rawvideo"}, None, ["setfield=mode=tff", FIELDS]),
        ({"codec": "ffv1", "bottom_first": True}, 25, ["setfield=mode=bff", FRAMES]),
        ({"codec": "mpeg2video", "bottom_first": True}, None, [FIELDS]),
    ],
)
def test_fields_become_frames(changes: dict[str, Any], fps: float | None, filters: list[str]) -> None:
    assert field_filters(video(**({"interlaced": True} | changes)), fps) == filters


@pytest.mark.parametrize(("interlaced", "rate"), [(True, Fraction(60_000, 1001)), (False, Fraction(30_000, 1001))])
def test_there_are_twice_as_many(interlaced: bool, rate: Fraction) -> None:
    assert picture_rate(video(interlaced=interlaced, fps=Fraction(30_000, 1001))) == rate
