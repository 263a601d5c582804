"""No field of a render is left out silently."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_protocol.work import AudioSettings, MediaOutput, Render, Scene, Transition
from videojobs_worker.errors import JobError
from videojobs_worker.media.render.unsupported import check_supported

A, OUTPUT = "file:///a.mp4", MediaOutput("file:///out.mp4")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"output": MediaOutput("file:///o.mp4", audio=AudioSettings(loudness_lufs=-16))}, "output.audio.loudness"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    work = Render(**{"scenes": (Scene(A),), "output": OUTPUT, **changes})
    with pytest.raises(JobError) as error:
        check_supported(work)
    assert (error.value.reason, f": {field};" in error.value.message) == ("NotSupported", True)


def test_all_else_is_done() -> None:
    check_supported(Render((Scene(A, 1.0, 2.0, audio_stream="eng"), Scene(A)), OUTPUT, Transition("fade", 0.5)))
