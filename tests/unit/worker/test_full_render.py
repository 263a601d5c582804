"""Renders bring every scene to one shape, and no text of a user's into a filter graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.builders import after, source, times, video
from videojobs_protocol.work import (
    AudioSettings,
    MediaOutput,
    Render,
    Scene,
    Subtitles,
    Transition,
    VideoSettings,
)
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Plan, Step
from videojobs_worker.media.render.composition import RenderSources, composed
from videojobs_worker.media.render.cuts import ending_early
from videojobs_worker.media.render.full import plan_render
from videojobs_worker.media.render.run_size import MOST_SCENES
from videojobs_worker.media.render.subtitles import NO_SUBTITLES, SubtitleFile
from videojobs_worker.media.source import Source

TARGET = Path("/staged/out")


def scene(start_s: float = 0.0, end_s: float | None = 2.0) -> Scene:
    return Scene("file:///media/a.mp4", start_s, end_s)


def render(*scenes: Scene, name: str = "out.mp4", audio: str | None = None, **changes: Any) -> Render:
    video_settings = changes.pop("video", VideoSettings())
    output = MediaOutput(f"file:///media/{name}", None, video_settings, AudioSettings(audio))  # type: ignore[arg-type]
    return Render(scenes, output, **changes)


def made_of(
    work: Render, sources: Sequence[Source], subtitles: SubtitleFile = NO_SUBTITLES, *, nvenc: bool = False
) -> Plan:
    return plan_render(composed(work, RenderSources(sources), subtitles), TARGET, 2, nvenc=nvenc)


def plan(work: Render, subtitle_file: str = "", read: Any = None, nvenc: bool = False) -> Plan:
    sources = [read or source() for _ in work.scenes]
    burn = work.subtitles is not None and work.subtitles.mode == "Burn"
    return made_of(work, sources, SubtitleFile(subtitle_file, burn), nvenc=nvenc)


def graph(made: Plan) -> str:
    (text,) = after(made.steps[-1].arguments, "-filter_complex")
    return text


def graph_of_step(step: Step) -> str:
    return "".join(after(step.arguments, "-filter_complex"))


def test_scenes_are_sought_and_cut() -> None:
    made = plan(render(scene(1, 3), scene(4, None)))
    (step,) = made.steps
    assert after(step.arguments, "-ss") == ["1.000001", "4.000001"]
    assert re.findall(r"[^a]trim=duration=([0-9.]+)", graph(made)) == ["2.000000", "6.000000"]
    assert step.duration_s == made.expectations[0].duration_s == 8.0


def test_hard_cuts_are_a_concat_with_sound() -> None:
    assert "[v0][a0][v1][a1]concat=n=2:v=1:a=1[joined][sound]" in graph(plan(render(scene(), scene())))


def test_a_scene_without_sound_gets_silence_of_its_length() -> None:
    work = render(scene(), scene(0, 3))
    made = made_of(work, [source(), source(sound=None)])
    silence = next(chain for chain in graph(made).split(";") if chain.startswith("anullsrc"))
    assert "atrim=duration=3.000000" in silence
    assert made.expectations[0].audio is True


@pytest.mark.parametrize(("audio", "read"), [("none", source()), (None, source(sound=None))])
def test_no_sound_where_none_is_wanted_or_had(audio: str | None, read: Any) -> None:
    made = plan(render(scene(), scene(), audio=audio), read=read)
    assert "-an" in made.steps[0].arguments
    assert "anullsrc" not in graph(made)
    assert made.expectations[0].audio is False


def test_a_transition_blends_picture_and_sound_over_the_same_span() -> None:
    made = plan(render(scene(0, 2), scene(0, 3), scene(0, 4), transition=Transition("wipeleft", 0.4)))
    text = graph(made)
    assert [float(offset) for offset in re.findall(r"offset=([0-9.]+)", text)] == [1.6, 4.2]
    assert text.count("xfade=transition=wipeleft:duration=0.400000") == 2
    assert text.count("acrossfade=d=0.400000") == 2
    assert made.expectations[0].duration_s == pytest.approx(8.2)


def test_sound_that_blends_is_not_read_with_the_picture() -> None:
    made = plan(render(scene(0, 2), scene(0, 3), transition=Transition("fade", 0.4)))
    assert re.findall(r"\[(\d:\d)\]", graph(made)) == ["0:0", "1:0", "2:1", "3:1"]
    assert len(after(made.steps[0].arguments, "-i")) == 4
    silent = plan(render(scene(0, 2), scene(0, 3), transition=Transition("fade", 0.4), audio="none"))
    assert len(after(silent.steps[0].arguments, "-i")) == 2


@given(st.lists(st.integers(28, 240), min_size=2, max_size=8))
def test_every_blend_begins_where_the_joined_picture_has_its_span_left(frames: list[int]) -> None:
    made = plan(render(*(scene(0, length / 25) for length in frames), transition=Transition("fade", 1.0)))
    joined = frames[0] / 25
    for length, offset in zip(frames[1:], re.findall(r"offset=([0-9.]+)", graph(made)), strict=True):
        assert float(offset) == pytest.approx(joined - 1.0, abs=1e-5)
        joined += length / 25 - 1.0
    assert made.expectations[0].duration_s == pytest.approx(joined)


@given(st.lists(st.floats(0.05, 5.0), min_size=1, max_size=30))
def test_scenes_are_whole_frames_and_do_not_drift(lengths: list[float]) -> None:
    made = plan(render(*(scene(0, length) for length in lengths)))
    found = [
        float(text) for text in re.findall(r"[^a]trim=duration=([0-9.]+)", " ".join(map(graph_of_step, made.steps)))
    ]
    assert len(found) == len(lengths)
    assert all(abs(each * 25 - round(each * 25)) < 1e-3 for each in found)
    for number in range(len(lengths)):
        assert sum(found[: number + 1]) == pytest.approx(sum(lengths[: number + 1]), abs=0.02 + 1e-3)


def test_a_scene_begins_with_the_frame_that_is_shown_at_its_start() -> None:
    made = plan(render(scene(0.55, 2), scene(0.5596, 2)))
    assert after(made.steps[0].arguments, "-ss") == ["0.520001", "0.560001"]


@pytest.mark.parametrize(("starts_s", "sought"), [(0.0, "1.000001"), (1.48, "2.480001"), (-0.021, "0.979001")])
def test_a_source_is_sought_by_the_times_that_it_has_itself(starts_s: float, sought: str) -> None:
    read = source(picture=video(start_s=starts_s))
    made = plan(render(scene(1, 2)), read=replace(read, info=replace(read.info, start_s=starts_s)))
    before_input = made.steps[0].arguments[: made.steps[0].arguments.index("-i")]
    assert (after(before_input, "-seek_timestamp"), after(before_input, "-ss")) == (["1"], [sought])


def test_frames_some_milliseconds_off_their_times_are_met_in_their_middles() -> None:
    made = plan(render(scene(0.55, 2)), read=source(picture=video(steady=False)))
    assert after(made.steps[0].arguments, "-ss") == ["0.520001"]


@pytest.mark.parametrize("fps", [0.5, 24, 50])
def test_a_frame_that_cannot_be_shown_whole_begins_before_its_scene(fps: float) -> None:
    work = render(scene(0.55, 2), video=VideoSettings(fps=25))
    assert after(plan(work, read=source(picture=video(fps=fps))).steps[0].arguments, "-ss") == ["0.550001"]


def test_a_source_without_timestamps_is_read_from_its_beginning() -> None:
    made = plan(render(scene(1, 2)), read=source(picture=video(times=times(timed=False))))
    assert "-ss" not in made.steps[0].arguments
    assert "setpts=N/(25)/TB+-1.000000/TB,fps=25," in graph(made)
    assert "[0:1]asetpts=PTS-1.000000/TB,atrim=start=0," in graph(made)


@pytest.mark.parametrize(("begins_s", "sought"), [(0.021, "1.021001"), (0.5, "1.000001")])
def test_times_are_those_since_the_first_picture_but_for_priming(begins_s: float, sought: str) -> None:
    work = render(scene(1, 2), video=VideoSettings(fps=30))
    made = plan(work, read=source(picture=video(start_s=begins_s)))
    assert after(made.steps[0].arguments, "-ss") == [sought]


def test_sound_that_fills_its_last_packet_makes_no_frame() -> None:
    made = plan(render(scene(0, None)), read=source(duration_s=10.021, picture=video(duration_s=10.0)))
    assert made.expectations[0].duration_s == 10.0


@pytest.mark.parametrize(
    ("scenes", "said"),
    [
        ([scene(0, 10), scene(2, None), scene(0, 10.05)], ""),
        ([scene(0, 5), scene(2, 12.5)], "scenes[1] ends at 10.000 s, where file:///media/a.mp4 does, not at 12.5 s"),
        ([scene(0, 99)] * 3, "scenes[0] ends at 10.000 s, where file:///media/a.mp4 does, not at 99 s, and 2 more sc"),
    ],
)
def test_scenes_that_end_early_are_told(scenes: list[Scene], said: str) -> None:
    told = ending_early(render(*scenes), [source()] * len(scenes))
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_one_scene_has_nothing_to_blend_with() -> None:
    assert "xfade" not in graph(plan(render(scene(), transition=Transition("fade", 0.5))))


@pytest.mark.parametrize(
    ("work", "reason", "words"),
    [
        (render(scene(10, None)), "SceneOutOfRange", "cannot start at 10 s"),
        (render(scene(0, 1), scene(), transition=Transition("fade", 1.0)), "TransitionTooLong", "shorten"),
        (render(scene(), video=VideoSettings("copy")), "InvalidOutput", "instead of copy"),
        (render(scene(), name="out.avi"), "InvalidOutput", "give container"),
    ],
)
def test_what_cannot_be_is_said(work: Render, reason: str, words: str) -> None:
    with pytest.raises(JobError, match=words) as error:
        plan(work)
    assert (error.value.reason, error.value.retryable) == (reason, False)


def test_a_scene_ends_with_its_source() -> None:
    assert plan(render(scene(9, 99))).expectations[0].duration_s == pytest.approx(1.0)


def test_the_shape_is_the_first_scenes_unless_asked() -> None:
    work = render(scene(), scene())
    sources = [source(picture=video(width=641, height=359, fps=30.0)), source()]
    (expected,) = made_of(work, sources).expectations
    assert (expected.width, expected.height) == (640, 358)
    text = graph(made_of(work, sources))
    assert text.count("fps=30:") == 2
    text = graph(plan(render(scene(), video=VideoSettings(width=320, height=240, fps=29.97))))
    assert "pad=w=320:h=240" in text
    assert "fps=30000/1001:" in text


def test_scenes_on_blurred_bars_have_chains_of_their_own_and_each_frame_once() -> None:
    work = render(scene(), scene(), video=VideoSettings(width=320, height=320, fit="Blur"))
    text = graph(plan(work))
    for label in ("whole0", "behind0", "picture0", "bars0", "whole1", "behind1", "picture1", "bars1"):
        assert text.count(f"[{label}]") == 2
    assert len(re.findall(r"tpad=[^,]*,fps=25,trim=", text)) == 2


def test_the_last_picture_is_held_while_the_sound_goes_on() -> None:
    made = plan(render(scene(0, None)), read=source(picture=video(duration_s=4.0)))
    assert "stop_duration=6.250000" in graph(made)


def test_a_source_that_breaks_off_leaves_too_few_frames() -> None:
    made = plan(render(scene(0, 4), scene(0, 4)))
    (step,) = made.steps
    assert step.least_frames == made.expectations[0].frames == 200
    assert "stop_duration=1.000000" in graph(plan(render(scene())))


def test_many_scenes_are_encoded_in_parts_and_joined() -> None:
    made = plan(render(*(scene() for _ in range(MOST_SCENES * 2 + 1))))
    assert [len(after(step.arguments, "-ss")) for step in made.steps] == [MOST_SCENES, MOST_SCENES, 1, 0]
    join = made.steps[-1]
    assert after(join.arguments, "-c:v") == ["copy"]
    assert after(join.arguments, "-protocol_whitelist") == ["file", "file"]
    assert made.scratch_files["parts.ffconcat"].count("file 'part-") == 3
    assert made.scratch_files["parts-sound.ffconcat"].count("duration 32.000000") == 2


HOSTILE = "it's [a]: 'x',y;movie=/etc/passwd.srt"


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize("count", [1, MOST_SCENES + 1])
def test_no_name_of_a_users_is_in_a_filter(mode: Any, count: int) -> None:
    work = render(*(scene() for _ in range(count)), subtitles=Subtitles(f"file:///media/{HOSTILE}", mode))
    made = plan(work, "subtitles.srt", read=source(HOSTILE))
    for step in made.steps:
        for option in ("-filter_complex", "-vf"):
            assert all("passwd" not in text for text in after(step.arguments, option))


@pytest.mark.parametrize(("ending", "demuxer"), [("srt", "srt"), ("ass", "ass"), ("vtt", "webvtt")])
@pytest.mark.parametrize("mode", ["Burn", "Soft"])
def test_subtitles_are_read_as_what_their_name_says(ending: str, demuxer: str, mode: Any) -> None:
    """Read as whatever it looks like, a subtitle file could be a playlist of other files."""
    made = plan(render(scene(), subtitles=Subtitles(f"file:///media/s.{ending}", mode)), f"subtitles.{ending}")
    reading = made.steps[0].arguments
    at = reading.index(f"file:subtitles.{ending}")
    assert reading[at - 5 : at] == ("-protocol_whitelist", "file", "-f", demuxer, "-i")
    assert made.steps[0].failure == ("SubtitlesInvalid" if mode == "Burn" else "EncoderFailed")


@pytest.mark.parametrize(
    ("name", "ending", "codec"),
    [
        ("out.mp4", "srt", "mov_text"),
        ("out.mp4", "ass", "mov_text"),
        ("out.mkv", "srt", "srt"),
        ("out.mkv", "ass", "ass"),
        ("out.webm", "srt", "webvtt"),
        ("out.webm", "ass", "webvtt"),
    ],
)
def test_soft_subtitles_take_the_containers_codec(name: str, ending: str, codec: str) -> None:
    settings = VideoSettings("vp9")
    work = render(scene(), name=name, video=settings, subtitles=Subtitles(f"file:///media/s.{ending}", "Soft"))
    assert after(plan(work, f"subtitles.{ending}").steps[-1].arguments, "-c:s") == [codec]
