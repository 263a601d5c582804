"""What a spec's problem is called: fields by the paths that stand in the manifest."""

from __future__ import annotations

from typing import Any

import pytest

from videojobs_operator.api.videojob import VideoJobSpec
from videojobs_operator.core.validation import SpecError, check

SCENES: list[dict[str, Any]] = [
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


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"overlays": [{"source": {"uri": "file:///media/out.mp4"}}]},
            "spec.render.output.uri: is the source of overlays[0]: choose another name",
        ),
        (
            {"music": {"source": {"uri": "file:///media/out.mp4"}}},
            "spec.render.output.uri: is the source of music: choose another name",
        ),
        (
            {"titles": [{"text": "a", "start": "2s", "end": "2000ms"}]},
            "spec.render.titles[0].end: must be after start",
        ),
        (
            {"scenes": [SCENES[0], {**SCENES[1], "transition": BLEND}]},
            "spec.render.scenes[1].transition.duration: 2s is not shorter than scenes[1] (1s)",
        ),
        (
            {"scenes": [{**SCENES[0], "speed": 4}, {**SCENES[1], "end": "9s", "transition": BLEND}]},
            "spec.render.scenes[1].transition.duration: 2s is not shorter than scenes[0] (1.25s)",
        ),
        (
            {"scenes": [SCENES[0], {"source": SCENES[0]["source"], "duration": "0s"}]},
            "spec.render.scenes[1].duration: must be longer than 0s",
        ),
    ],
)
def test_what_the_api_server_cannot_tell_of_a_timeline(change: dict[str, object], told: str) -> None:
    work = {"scenes": SCENES, "output": {"uri": "file:///media/out.mp4"}} | change
    with pytest.raises(SpecError) as refused:
        check(VideoJobSpec.model_validate({"render": work}))
    assert str(refused.value) == told


TOO_LONG = {"duration": "9000000001s", "source": {"uri": "file:///media/a.mp4"}}


def test_what_workers_would_refuse_is_not_sent_to_them() -> None:
    work = {"scenes": [TOO_LONG], "output": {"uri": "file:///media/out.mp4"}}
    with pytest.raises(
        SpecError, match=r"spec\.render: scenes\[0\]\.duration_s: 9000000001\.0 is not from 0 to 9e\+09"
    ):
        check(VideoJobSpec.model_validate({"render": work}))


def test_a_hard_cut_in_a_render_of_blends_is_no_blend() -> None:
    scenes = [SCENES[0], {**SCENES[1], "transition": {"type": "none"}}]
    work = {"scenes": scenes, "transition": BLEND, "output": {"uri": "file:///media/out.mp4"}}
    check(VideoJobSpec.model_validate({"render": work}))


A = "file:///media/a.mp4"


def second(**more: Any) -> list[Any]:
    return [SCENES[0], {**SCENES[1], **more}]


@pytest.mark.parametrize(
    "work",
    [
        {},
        {"transition": {"type": "fade"}},
        {"transition": BLEND, "scenes": second(transition={"type": "none"})},
        {"transition": BLEND, "scenes": second(transition={"type": "fade", "duration": "900ms"})},
        {"transition": BLEND, "scenes": second(speed="0.25")},
        {"transition": BLEND, "scenes": [{"source": {"uri": A}, "duration": "1s"}]},
        {"scenes": SCENES * 500},
        {"overlays": [{"source": {"uri": A}}], "music": {"source": {"uri": A}}},
    ],
)
def test_what_can_be_made_passes(work: dict[str, Any]) -> None:
    spec = {"scenes": SCENES, "output": {"uri": "file:///media/out.mp4"}} | work
    check(VideoJobSpec.model_validate({"render": spec}))
