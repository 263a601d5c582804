"""How much of a source is read decides whether it is fetched whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from videojobs_protocol.work import Caption, MediaOutput, Music, Overlay, Preview, Render, Scene, Transcode, Work
from videojobs_worker.media.source import MediaInfo
from videojobs_worker.pipeline.ranged_reading import may_be_opened, reads_parts, share_read

URI = "s3://bucket/film.mp4"
OUT = MediaOutput("file:///out.mp4")
GB = 10**9
#: Of 1000 s.
FILM = MediaInfo(("mov",), 1000.0, 10 * GB, None, None)


def render(*scenes: Scene) -> Render:
    return Render(scenes, OUT)


@pytest.mark.parametrize(
    ("work", "share"),
    [
        (render(Scene(URI, 100, 110)), 0.02),
        (render(Scene(URI, 100, 110), Scene(URI, 100, 110)), 0.04),
        (render(Scene(URI, 990)), 0.02),
        (render(Scene(URI, 990, 5000)), 0.02),
        (render(Scene(URI, 100, duration_s=10)), 0.02),
        (render(Scene(URI, 100, duration_s=10, speed=4)), 0.02),
        (render(Scene("s3://bucket/other.mp4"), Scene(URI, 100, 110)), 0.02),
        (render(Scene("s3://bucket/other.mp4")), 1),
        (replace(render(Scene(URI, 100, 110)), music=Music(URI)), 1),
        (replace(render(Scene("s3://bucket/other.mp4")), music=Music(URI)), 1),
        (replace(render(Scene("s3://bucket/other.mp4")), overlays=(Overlay(URI),)), 1),
        (render(Scene(URI, 5000)), 0.01),
        (render(Scene(URI)), 1),
        (render(Scene(URI, 100, 600)), 1),  # half of it and more
        (Preview(URI, "file:///out", 3), 0),
        (Transcode(URI, (OUT,)), 1),
        (Caption(URI, "file:///out.srt"), 1),
    ],
)
def test_the_share_that_is_read(work: Work, share: float) -> None:
    assert share_read(work, URI, FILM) == pytest.approx(share)
    assert may_be_opened(work, FILM.bytes) or share == 1
    assert reads_parts(work) or share == 1


@pytest.mark.parametrize(
    "info", [MediaInfo(("mov",), None, 10 * GB, None, None), MediaInfo(("mov",), 9, 0, None, None)]
)
def test_what_is_not_known_is_fetched_whole(info: MediaInfo) -> None:
    assert share_read(render(Scene(URI, 1, 2)), URI, info) == 1


def test_what_is_small_is_fetched_whole() -> None:
    small = MediaInfo(("mov",), 1000.0, 10**7, None, None)
    assert share_read(render(Scene(URI, 1, 2)), URI, small) == 1
    assert not may_be_opened(render(Scene(URI, 1, 2)), small.bytes)
    assert may_be_opened(Preview(URI, "file:///out", 3), small.bytes)
