"""Titles, chapters and timecodes: a render has its own, and none of its sources', however it is made."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.conftest import Bench
from tests.support import clips, measure
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.work import MediaOutput, Render, Scene, VideoSettings

pytestmark = pytest.mark.usefixtures("worker")

#: Every character that ffmpeg's format of metadata, or a container, might take for something else.
SPECIAL = "a=b;c#d\\e 'f' \"g\" <h> [CHAPTER] \u00fc \u65e5\u672c"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds with all that may leak: title, three chapters, a timecode, a language, a handler's name."""
    folder = tmp_path_factory.mktemp("film")
    clock = clips.frame_clock(folder / "clock.mp4")
    chapters = "".join(f"[CHAPTER]\nTIMEBASE=1/1\nSTART={n * 4}\nEND={n * 4 + 4}\ntitle=leaked {n}\n" for n in range(3))
    (folder / "leaks.ffmeta").write_text(f";FFMETADATA1\ntitle=leaked title\ncomment=leaked\n{chapters}")
    ffmpeg("-i", str(clock), "-i", str(folder / "leaks.ffmeta"),
           "-map", "0", "-map_metadata", "1", "-map_chapters", "1",
           "-metadata:s:v:0", "timecode=01:02:03:04", "-metadata:s:v:0", "handler_name=leaked",
           "-metadata:s:a:0", "language=fra", "-metadata:s:a:0", "title=leaked",
           "-c", "copy", str(folder / "film.mp4"))  # fmt: skip
    return folder / "film.mp4"


def description(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


#: Scenes (start and end in seconds) for which each strategy is chosen; "parts" has more than one run decodes.
PLANS = {
    "Copy": [(2, 6), (8, 12)],
    "Smart": [(0.52, 9.48), (0, 12), (0.52, 9.48)],
    "Full": [(0.52, 1.4), (5.2, 6.6)],
    "parts": [(0.2 * number, 0.2 * number + 0.2) for number in range(17)],
}


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.ffmpeg_matrix
def test_nothing_of_a_source_leaks(bench: Bench, film: Path, plan: str, ending: str) -> None:
    scenes = tuple(Scene(film.as_uri(), start, end) for start, end in PLANS[plan])
    status = bench.run(Render(scenes, MediaOutput(bench.uri(f"out.{ending}"))))
    assert status.status == "completed", status.failure
    assert status.details["plan"]["strategy"] == ("Full" if plan == "parts" else plan)
    made = description(bench.folder / f"out.{ending}")
    assert "leaked" not in json.dumps(made)
    assert "01:02:03" not in json.dumps(made)
    assert "fra" not in [stream.get("tags", {}).get("language") for stream in made["streams"]]
    assert made["chapters"] == []
    assert [stream["codec_type"] for stream in made["streams"]] == ["video", "audio"]


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.ffmpeg_matrix
def test_a_render_has_its_own_title_and_chapters(bench: Bench, film: Path, plan: str, ending: str) -> None:
    cuts = PLANS[plan]
    named = {0: "first", len(cuts) - 1: SPECIAL}
    scenes = tuple(Scene(film.as_uri(), start, end, chapter=named.get(n, "")) for n, (start, end) in enumerate(cuts))
    video = VideoSettings(codec="vp9", height=90) if ending == "webm" else VideoSettings()
    status = bench.run(Render(scenes, MediaOutput(bench.uri(f"out.{ending}"), video=video, title=SPECIAL)))
    assert status.status == "completed", status.failure
    made = bench.folder / f"out.{ending}"
    assert measure.probe(made)["format"]["tags"]["title"] == SPECIAL
    lasts = [round((end - start) * 25) / 25 for start, end in cuts]
    before = sum(lasts[:-1])
    (first, last) = measure.chapters(made)
    assert (first[0], last[0]) == ("first", SPECIAL)
    assert first[1:] == pytest.approx((0.0, before), abs=0.03)
    assert last[1:] == pytest.approx((before, before + lasts[-1]), abs=0.03)
