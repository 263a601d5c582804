"""Subtitles of renders: burnt into the picture or as a stream, in any charset, whatever their times are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import clips, measure
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import MediaOutput, Render, Scene, SubtitleMode, Subtitles, VideoSettings

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture(scope="module")
def black(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of black at 25 frames a second."""
    path = tmp_path_factory.mktemp("black") / "black.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:size=320x180:rate=25:duration=3", "-pix_fmt", "yuv420p", str(path))
    return path


def render(bench: Bench, source: Path, name: str, mode: SubtitleMode, output: str = "out.mp4") -> TaskStatus:
    video = VideoSettings(codec="vp9" if output.endswith("webm") else "h264")
    subtitles = Subtitles(bench.uri(name), mode)
    scenes = (Scene(source.as_uri(), 0, 3),)
    return bench.run(Render(scenes, MediaOutput(bench.uri(output), video=video), None, subtitles))


def lit(path: Path) -> list[int]:
    """The frames that show something, of a film that is black."""
    return [number for number, level in enumerate(measure.brightest(path)) if level > 100]


SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Loud,Impact,72,&H00FFFFFF,-1,8

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Loud,,0,0,0,,Hello
"""
TEXTS = {"srt": SRT, "vtt": VTT, "ass": ASS}


def subtitled(bench: Bench, source: Path, form: str, mode: SubtitleMode, ending: str) -> Path:
    (bench.folder / f"s.{form}").write_text(TEXTS[form])
    status = render(bench, source, f"s.{form}", mode, f"out.{ending}")
    assert status.status == "completed", status.failure
    assert "note" not in status.details
    return bench.folder / f"out.{ending}"


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
@pytest.mark.ffmpeg_matrix
def test_burnt_subtitles_are_seen_only_while_they_are_said(bench: Bench, black: Path, form: str, ending: str) -> None:
    levels = measure.brightest(subtitled(bench, black, form, "Burn", ending))
    assert len(levels) == 75
    assert min(levels[25:50]) > 150
    assert max(levels[:25] + levels[50:]) < 60


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
@pytest.mark.parametrize(
    ("ending", "codecs"),
    [
        ("mp4", {"srt": "mov_text", "vtt": "mov_text", "ass": "mov_text"}),
        ("mkv", {"srt": "subrip", "vtt": "subrip", "ass": "ass"}),
        ("webm", {"srt": "webvtt", "vtt": "webvtt", "ass": "webvtt"}),
    ],
)
@pytest.mark.ffmpeg_matrix
def test_soft_subtitles_keep_their_text_and_time(bench: Bench, form: str, ending: str, codecs: dict[str, str]) -> None:
    made = subtitled(bench, clips.clip(bench.folder / "clip.mp4", 3), form, "Soft", ending)
    assert measure.probe(made)["subtitle"]["codec_name"] == codecs[form]
    told = measure.subtitle_text(made)
    (line,) = [line for line in told.splitlines() if line.startswith("Dialogue:")]
    assert "Hello" in line
    assert ",0:00:01.0" in line
    assert ",0:00:02.0" in line
    assert ("Style: Loud,Impact,72" in told) is ((form, ending) == ("ass", "mkv"))


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
def test_soft_subtitles_may_end_after_the_film(bench: Bench, sources: Path, ending: str) -> None:
    cues = "1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n2\n00:00:01,500 --> 00:01:00,000\nlast\n"
    (bench.folder / "s.srt").write_text(cues)
    video = VideoSettings(codec="vp9") if ending == "webm" else VideoSettings()
    work = Render(
        (Scene(f"file://{sources}/clip.mp4"),),
        MediaOutput(bench.uri(f"out.{ending}"), video=video),
        subtitles=Subtitles(bench.uri("s.srt"), "Soft"),
    )
    status = bench.run(work)
    assert status.status == "completed", status.failure
    made = measure.probe(bench.folder / f"out.{ending}")
    assert int(made["video"]["nb_read_frames"]) == 50
    assert "subtitle" in made
    assert "s.srt goes on after the render's end at 2.000 s: 1 cue cut off there" in status.details["note"]


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
def test_any_charset_is_read(bench: Bench, black: Path, mode: SubtitleMode, charset: str) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nf\u00fcr Gr\u00f6\u00dfe und \u00dcbermut\n"
    (bench.folder / "old.srt").write_bytes(text.encode(charset))
    status = render(bench, black, "old.srt", mode)
    assert status.status == "completed", status.failure
    assert ("old.srt was read as Windows-1252" in status.details.get("note", "")) == charset.startswith(("l", "c"))
    if mode == "Soft":
        assert "f\u00fcr Gr\u00f6\u00dfe und \u00dcbermut" in measure.subtitle_text(bench.folder / "out.mp4")
    else:
        assert lit(bench.folder / "out.mp4") == [*range(25, 50)]


NO_STYLES = "[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Text\n"
OLDER = (
    "[Script Info]\nScriptType: v4.00\n\n[V4 Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour\n"
    "Style: Default,Arial,20,16777215\n\n"
)


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no-styles.ass", NO_STYLES + "Dialogue: 0,0:00:01.00,0:00:02.00,shown\n"),
        ("events-only.ass", "[Events]\nFormat: Layer, Start, End, Text\nDialogue: 0,0:00:01.00,0:00:02.00,shown\n"),
        (
            "older.ssa",
            OLDER + "[Events]\nFormat: Marked, Start, End, Style, Text\n"
            "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,shown\n",
        ),
    ],
)
def test_older_and_barer_kinds_of_ass_are_shown(
    bench: Bench, black: Path, name: str, text: str, mode: SubtitleMode
) -> None:
    (bench.folder / name).write_text(text)
    status = render(bench, black, name, mode)
    assert status.status == "completed", status.failure
    if mode == "Soft":
        assert "shown" in measure.subtitle_text(bench.folder / "out.mp4")
    else:
        assert lit(bench.folder / "out.mp4") == [*range(25, 50)]


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_cues_of_days_end_with_the_film(bench: Bench, black: Path, form: str, mode: SubtitleMode, ending: str) -> None:
    texts = {
        "srt": "1\n00:00:01,000 --> 99:59:59,000\nlong\n\n2\n99:59:59,999 --> 100:00:01,000\nlate\n",
        "vtt": "WEBVTT\n\n00:01.000 --> 99:59:59.000\nlong\n\n99:59:59.999 --> 100:00:01.000\nlate\n",
        "ass": ASS[: ASS.index("Dialogue")] + "Dialogue: 0,0:00:01.00,99:59:59.00,Loud,,0,0,0,,long\n"
        "Dialogue: 0,99:59:59.99,100:00:01.00,Loud,,0,0,0,,late\n",
    }
    (bench.folder / f"s.{form}").write_text(texts[form])
    status = render(bench, black, f"s.{form}", mode, f"out.{ending}")
    assert status.status == "completed", status.failure
    assert "goes on after the render's end at 3.000 s: 1 cue left out, 1 cue cut off there" in status.details["note"]
    made = bench.folder / f"out.{ending}"
    assert float(measure.probe(made)["format"]["duration"]) == pytest.approx(3.0, abs=0.1)
    if mode == "Soft":
        assert "late" not in measure.subtitle_text(made)
    else:
        assert lit(made) == [*range(25, 75)]


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.sub", b"{1}{25}text", "holds pictures or counts frames: give subtitles as text"),
        ("a.sup", b"PG\0\0", "holds pictures or counts frames: give subtitles as text"),
        ("a.txt", b"text", "is in a format that is not read"),
        ("a.srt", b"PG" + bytes(range(256)) * 9, "is no text in a charset that is recognised"),
    ],
)
def test_what_is_no_text_is_refused(
    bench: Bench, black: Path, name: str, content: bytes, words: str, mode: SubtitleMode
) -> None:
    (bench.folder / name).write_bytes(content)
    status = render(bench, black, name, mode)
    assert status.failure is not None
    assert (status.failure.reason, status.failure.retryable) == ("SubtitlesInvalid", False)
    assert words in status.failure.message


def test_subtitles_count_from_the_first_picture_wherever_a_files_clock_begins(bench: Bench, black: Path) -> None:
    late = bench.folder / "start.ts"
    ffmpeg("-i", str(black), "-c", "copy", "-output_ts_offset", "1.4", str(late))
    (bench.folder / "s.srt").write_text(SRT)
    status = render(bench, late, "s.srt", "Burn")
    assert status.status == "completed", status.failure
    assert lit(bench.folder / "out.mp4") == [*range(25, 50)]
