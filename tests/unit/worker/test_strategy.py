"""A render copies where it may, encodes where it must, and says why."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from tests.unit.worker.builders import source, video
from videojobs_protocol.work import MediaOutput, Render, Scene, Subtitles, Transition, VideoSettings
from videojobs_worker.media.render.cuts import Cut, aligned, cuts_of
from videojobs_worker.media.render.frame_index import FrameIndex, Keyframe
from videojobs_worker.media.render.shape import shape_of
from videojobs_worker.media.render.spans import Span
from videojobs_worker.media.render.strategy import Choice, SourceNeeds, choose, obstacles, worth_asking
from videojobs_worker.media.render.timeline import timeline_of

A, B = "file:///media/a.mp4", "file:///media/b.mp4"


def render(*scenes: tuple[float, float], settings: VideoSettings | None = None, **changes: Any) -> Render:
    output = MediaOutput("file:///media/out.mp4", None, settings or VideoSettings())
    return Render(tuple(Scene(A, start, end) for start, end in scenes), output, **changes)


def found(work: Render, *pictures: Any) -> list[str]:
    sources = [source(name, picture=picture) for name, picture in zip(("a.mp4", "b.mp4"), pictures, strict=False)]
    scenes = tuple(Scene(read.uri, 0.0, 2.0) for read in sources)
    asked = Render(scenes, work.output, work.transition, work.subtitles)
    cuts = cuts_of(asked, sources)
    return obstacles(asked, shape_of(asked.output, cuts), cuts)


def chosen(work: Render, gop: int = 25, **picture: Any) -> Choice:
    sources = [source(picture=video(**picture)) for _ in work.scenes]
    asked = cuts_of(work, sources)
    shape = shape_of(work.output, asked)
    cuts = aligned(asked, shape.fps)
    index = FrameIndex(250, Fraction(25), tuple(Keyframe(n, n / 25, n / 25) for n in range(0, 250, gop)))
    timeline = timeline_of(cuts, [index] * len(cuts), shape.rate)
    return choose(work, shape, timeline, [needs()], sound_copied=work.transition is None)


def needs(size: int = 10_000_000, length_s: float = 10.0, *, moved: bool = False) -> SourceNeeds:
    """Two seconds of a source."""
    read = source(duration_s=length_s)
    return SourceNeeds(replace(read, info=replace(read.info, bytes=size)), [Span(4.0, 6.0)], moved)


def test_equal_sources_have_no_obstacles() -> None:
    assert found(render((0, 2)), video(), video()) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"codec": "hevc"}, "its codec is hevc, not h264"),
        ({"width": 640}, "its size is 640x720, not 1280x720"),
        ({"sample_aspect": 1.5}, "its sample aspect is 1.5, not 1"),
        ({"pixel_format": "yuv420p10le"}, "its pixel format is yuv420p10le, not yuv420p"),
        ({"fps": 30.0}, "its frame rate is 30, not 25"),
        ({"rotation": 90}, "its rotation is 90, not 0"),
        ({"interlaced": True}, "its field order is interlaced, not progressive"),
        ({"start_s": 0.5}, "its picture does not begin with its sound"),
    ],
)
def test_every_difference_is_named_where_no_scene_fits(change: dict[str, Any], why: str) -> None:
    asked = VideoSettings(width=1280, height=720, fps=25)
    assert found(render((0, 2), settings=asked), video(**change)) == [f"{A}: {why}"]
    assert found(render((0, 2), settings=asked), video(), video(**change)) == []


def test_only_h264_is_encoded_around_scenes_that_differ() -> None:
    work = render((0, 2), settings=VideoSettings(codec="h265"))
    assert found(work, video(codec="hevc"), video()) == [f"{B}: its codec is h264, not hevc"]


@pytest.mark.parametrize(
    ("scene", "why"),
    [(Scene(A, speed=2.0), "its speed is 2"), (Scene(A, duration_s=2.0), "it is a still image")],
)
def test_images_and_other_speeds_are_encoded(scene: Scene, why: str) -> None:
    picture = video(frames=1) if scene.duration_s else video()
    read = source(picture=picture, sound=None)
    work = Render((scene,), MediaOutput("file:///media/out.mp4"))
    cuts = cuts_of(work, [read])
    assert obstacles(work, shape_of(work.output, cuts), cuts) == [f"{A}: {why}"]


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (render((0, 2), settings=VideoSettings(crf=20)), "crf was asked for"),
        (render((0, 2), settings=VideoSettings(bitrate_bps=1000)), "bitrate_bps was asked for"),
        (render((0, 2), subtitles=Subtitles("file:///media/s.srt")), "subtitles are painted into the picture"),
    ],
)
def test_what_was_asked_for_may_need_encoding(work: Render, why: str) -> None:
    assert found(work, video()) == [why]


def test_the_cheapest_way_is_chosen() -> None:
    assert chosen(render((0, 4), (6, 10))).strategy == "Copy"
    assert chosen(render((0, 0.04), (2, 2.04)), gop=1).strategy == "Full"
    assert chosen(render((0.52, 9))).strategy == "Smart"
    assert chosen(render((0.52, 9)), gop=250).strategy == "Full"
    assert chosen(render((0, 10), (0, 10), transition=Transition("fade", 1))).strategy == "Smart"
    assert chosen(render((0, 1.5), (0, 1.5), transition=Transition("fade", 0.5)), gop=30).strategy == "Full"


def test_the_reason_tells_how_much_is_encoded() -> None:
    assert chosen(render((0.52, 9))).reason == "12 of 212 frames lie around cuts and are encoded, the rest is copied"


def test_only_h264_is_encoded_around_cuts() -> None:
    settings = VideoSettings(codec="h265")
    assert chosen(render((0, 4), settings=settings), codec="hevc").strategy == "Copy"
    assert chosen(render((0.52, 9), settings=settings), codec="hevc").strategy == "Full"


def asks(seconds: float, *, wanted: SourceNeeds, sources: int = 1, **picture: Any) -> bool:
    work = render((0, seconds))
    cuts = [Cut(source(picture=video(**picture)), 0.0, seconds)]
    return worth_asking(work, shape_of(work.output, cuts), cuts, [wanted] * sources)


def test_sources_are_asked_only_where_that_costs_little_of_the_encoding() -> None:
    assert asks(60, wanted=needs())
    assert not asks(60, wanted=needs(), width=64, height=64)
    assert not asks(2, wanted=needs())
    assert not asks(60, wanted=needs(), sources=40)
    # Two seconds of twenty gigabytes are not twenty gigabytes.
    assert asks(60, wanted=needs(2 * 10**10, 7200.0))
    assert not asks(60, wanted=needs(2 * 10**10, 10.0))


def test_what_must_be_copied_first_costs_too() -> None:
    assert asks(10, wanted=needs())
    assert not asks(10, wanted=needs(10**9, moved=True))
