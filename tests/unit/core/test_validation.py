"""What a spec's problem is called: fields by the paths that stand in the manifest."""

from __future__ import annotations

import pytest

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.validation import SpecError, check

SCENES = [
    {"source": {"uri": "file:///media/a.mp4"}, "start": "0s", "end": "5s"},
    {"source": {"uri": "file:///media/b.mp4"}, "start": "0s", "end": "1s"},
]
BLEND = {"type": "fade", "duration": "2s"}


@pytest.mark.parametrize(
    ("output", "transition", "told"),
    [
        ("b.mp4", None, "spec.render.output.uri: is the source of scenes[1]: choose another name"),
        ("out.mp4", BLEND, "spec.render.transition.duration: 2s is not shorter than scenes[1] (1s)"),
    ],
)
def test_a_scene_is_named_by_its_path(output: str, transition: dict[str, str] | None, told: str) -> None:
    work = {"scenes": SCENES, "transition": transition, "output": {"uri": f"file:///media/{output}"}}
    with pytest.raises(SpecError) as refused:
        check(VideoJobSpec.model_validate({"render": work}))
    assert str(refused.value) == told
