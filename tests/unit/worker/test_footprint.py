"""What a job will write is told before it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from videojobs_protocol.work import (
    AudioSettings,
    Caption,
    MediaOutput,
    Preview,
    Render,
    Scene,
    Sprite,
    Transcode,
    VideoSettings,
    Work,
)
from videojobs_worker.media.plan import SOUND_PACE, Expectation, Plan, Step
from videojobs_worker.media.source import AudioStream, MediaInfo, Source, VideoStream
from videojobs_worker.pipeline.footprint import needs_of, scratch_needs

MB = 1_000_000
#: 100 s of full HD at 25 frames a second.
FILM = MediaInfo(
    ("mov",), 100.0, 100 * MB, VideoStream("h264", 1920, 1080), AudioStream("aac", 48000, 2)
)  # fmt: skip
HEAVY = MediaInfo(("mov",), 100.0, 4000 * MB, VideoStream("prores", 1920, 1080), None)
SCRATCH = Path("/scratch")
SILENT = AudioSettings("none")
#: 0.2 bits for each of 1920 x 1080 pixels of 2500 frames.
MOST_OF_FULL_HD = 129.6


def output(video: VideoSettings, audio: AudioSettings = SILENT) -> MediaOutput:
    return MediaOutput("file:///out.mp4", "mp4", video, audio)


def transcode(*outputs: MediaOutput) -> Transcode:
    return Transcode("file:///in.mp4", outputs)


def render(*scenes: Scene, video: VideoSettings) -> Render:
    return Render(scenes, output(video))


@pytest.mark.parametrize(
    ("work", "source", "megabytes"),
    [
        (transcode(output(VideoSettings(bitrate_bps=8 * MB))), FILM, [100]),
        (transcode(output(VideoSettings(bitrate_bps=8 * MB), AudioSettings(bitrate_bps=800_000))), FILM, [110]),
        (transcode(output(VideoSettings(bitrate_bps=8 * MB), AudioSettings())), FILM, [101.6]),
        (transcode(output(VideoSettings("copy"), AudioSettings("copy"))), HEAVY, [4000]),
        (transcode(output(VideoSettings("h264"))), FILM, [100]),  # may be copied
        (transcode(output(VideoSettings("h265"))), FILM, [100]),  # no more than the source
        (transcode(output(VideoSettings("h264"))), HEAVY, [MOST_OF_FULL_HD]),  # no more than is sensible
        (transcode(output(VideoSettings("h264", fps=50))), HEAVY, [2 * MOST_OF_FULL_HD]),
        (transcode(output(VideoSettings("h264", height=540))), HEAVY, [MOST_OF_FULL_HD / 4]),
        (transcode(output(VideoSettings("h264", height=540))), FILM, [25]),
        (transcode(output(VideoSettings("h264", height=540)), output(VideoSettings("h265"))), FILM, [25, 100]),
        (render(Scene("a", 0, 10), Scene("a", 50), video=VideoSettings("h265")), FILM, [60]),
        (render(Scene("a", 0, 10), Scene("a", 50), video=VideoSettings(bitrate_bps=8 * MB)), FILM, [60]),
        (Preview("a", "b", 2), FILM, [1.0368, 1.0368]),
        (Preview("a", "b", 1, width=960, format="png"), FILM, [1.5552]),
        (Preview("a", "b", 1, width=960, format="png", sprite=Sprite(width=160)), FILM, [1.5552, 0.0072]),
        (Caption("a", "b"), FILM, [3.2]),
    ],
)
def test_needs(work: Work, source: MediaInfo, megabytes: list[float]) -> None:
    scenes = len(work.scenes) if isinstance(work, Render) else 1
    drafts = [Path(f"/out/{number}") for number in range(9)]
    needs = needs_of(work, [Source("a", Path("/a"), source)] * scenes, drafts, SCRATCH)
    assert [need.bytes / MB for need in needs] == pytest.approx(megabytes, rel=1e-3)
    places = [SCRATCH / "speech.wav"] if isinstance(work, Caption) else drafts[: len(megabytes)]
    assert [need.path for need in needs] == places


def test_what_has_no_length_and_no_picture_needs_nothing_to_be_known() -> None:
    unknown = MediaInfo(("h264",), None, 5 * MB, VideoStream("mpeg2video", 1920, 1080), None)
    work = transcode(output(VideoSettings("h265")))
    assert [need.bytes for need in needs_of(work, [Source("a", Path("/a"), unknown)], [SCRATCH], SCRATCH)] == [5 * MB]
    sound = MediaInfo(("wav",), 10.0, 5 * MB, None, None)
    assert needs_of(Preview("a", "b", 1), [Source("a", Path("/a"), sound)], [SCRATCH], SCRATCH) == []


def planned(*steps: Step, size: tuple[int, int] | None = None) -> Plan:
    width, height = size or (None, None)
    return Plan(steps, (Expectation(Path("/out"), 100.0, width=width, height=height),))


def step(seconds: float, *names: str, arguments: tuple[str, ...] = (), **more: Any) -> Step:
    return Step(arguments, seconds, writes=names, **more)


FILM_SOURCE = Source("a", Path("/a"), FILM)


@pytest.mark.parametrize(
    ("plan", "megabytes"),
    [
        (planned(step(100)), {}),  # the output itself is another's
        (planned(step(30, "a"), step(70, "b")), {"a": 24, "b": 56}),
        (planned(step(100, "joined.mp4"), step(100)), {"joined.mp4": 80}),
        (planned(step(25, "a", arguments=("-c:a", "pcm_s16le"))), {"a": 20 + 4.8}),
        (planned(step(25, "a", arguments=("-c:a", "pcm_s16le"), sources=(FILM_SOURCE,))), {"a": 20 + 4.8}),
        (planned(step(100, "sound.mp4", pace=SOUND_PACE)), {"sound.mp4": 4}),
        (planned(step(0, "s0", "s1", sources=(FILM_SOURCE, FILM_SOURCE))), {"s0": 4, "s1": 4}),
        (planned(step(0, "painted.ass")), {"painted.ass": 0}),
        (planned(step(100, "statistics-0", stage="Measuring"), size=(1920, 1088)), {"statistics-0": 20.4}),
    ],
)
def test_what_steps_write_into_the_scratch_folder(plan: Plan, megabytes: dict[str, float]) -> None:
    needs = scratch_needs(plan, [FILM_SOURCE], SCRATCH, 80 * MB)
    assert {need.path: need.bytes / MB for need in needs} == pytest.approx(
        {SCRATCH / name: size for name, size in megabytes.items()}
    )
