"""Which streams of a source become picture and sound, and what is said of the others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support.agreement import differences
from tests.support.cases import streams, times
from tests.support.cases.case import Case, Maker
from tests.support.cases.trial import Library, Outcome, Trial

ALL = (
    streams.cover_first, streams.cover_last, streams.second_sound_is_default, streams.unknown_first_sound,
    streams.only_unknown_sound, streams.two_sounds_in_ts, streams.text_and_two_sounds, streams.timecode,
    streams.prores,
)  # fmt: skip
#: What a transcode of one picture and one sound leaves out.
DROPPING = (
    streams.second_sound_is_default, streams.unknown_first_sound, streams.only_unknown_sound,
    streams.two_sounds_in_ts, streams.text_and_two_sounds,
)  # fmt: skip
JOBS: dict[str, Callable[[Trial, Path], Outcome]] = {
    "transcode": lambda trial, path: trial.transcode(path),
    "preview": lambda trial, path: trial.preview(path),
    "render": lambda trial, path: trial.render((path, 0.1, 1.1)),
}


@pytest.mark.parametrize("maker", rows(*ALL))
def test_a_transcode_takes_the_picture_and_the_sound_that_a_player_takes(
    trial: Trial, library: Library, maker: Maker
) -> None:
    case: Case = library.get(maker)
    assert differences(case.film, trial.transcode(case.path).film) == []


@pytest.mark.parametrize("maker", rows(*ALL))
def test_a_preview_takes_the_picture_that_a_player_takes(trial: Trial, library: Library, maker: Maker) -> None:
    case: Case = library.get(maker)
    middles_s = [case.film.ends_s * (part + 0.5) / 4 for part in range(4)]
    around = [case.film.shown_within(middle_s - 0.03, middle_s + 0.03) for middle_s in middles_s]
    numbers = trial.preview(case.path).numbers
    assert [number in near for number, near in zip(numbers, around, strict=True)] == [True] * 4, numbers


@pytest.mark.parametrize("maker", rows(*ALL))
def test_a_render_takes_the_picture_and_the_sound_that_a_player_takes(
    trial: Trial, library: Library, maker: Maker
) -> None:
    case: Case = library.get(maker)
    assert differences(case.film.cut(0.1, 1.1), trial.render((case.path, 0.1, 1.1)).film) == []


def test_the_worker_takes_the_default_sound(worker_trial: Trial, library: Library) -> None:
    case: Case = library.get(streams.second_sound_is_default)
    assert differences(case.film, worker_trial.transcode(case.path).film) == []


@pytest.mark.parametrize("maker", rows(*DROPPING))
def test_what_is_left_out_is_reported(trial: Trial, library: Library, maker: Maker) -> None:
    made = trial.transcode(library.get(maker).path)
    assert made.path.exists()
    assert "sound" in made.note


def test_the_note_says_which_sound_was_taken(trial: Trial, library: Library) -> None:
    made = trial.transcode(library.get(streams.second_sound_is_default).path)
    assert made.path.exists()
    assert "1" in made.note, "the second of them has the number 1"


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("maker", rows(streams.sound_alone, streams.sound_with_cover))
def test_a_file_without_a_picture_is_refused_as_that(trial: Trial, library: Library, maker: Maker, job: str) -> None:
    failure = JOBS[job](trial, library.get(maker).path).failure
    assert failure.reason == "NoVideoStream"
    assert "report" not in failure.message


@pytest.mark.parametrize("job", JOBS)
def test_a_header_alone_is_refused_as_that(trial: Trial, library: Library, job: str) -> None:
    assert JOBS[job](trial, library.get(streams.header_alone).path).failure.reason == "SourceEmpty"


@pytest.mark.parametrize("job", JOBS)
def test_an_encrypted_file_is_refused_as_that(trial: Trial, library: Library, job: str) -> None:
    failure = JOBS[job](trial, library.get(streams.encrypted).path).failure
    assert failure.reason not in ("EncoderFailed", "OutputInvalid", "StorageFailed", "InternalError")
    assert "encrypted" in failure.message


@pytest.mark.parametrize(
    ("maker", "video", "audio"),
    [
        (streams.prores, {"codec": "copy"}, {"codec": "none"}),
        (streams.prores, {"height": 180}, {"codec": "copy"}),
        (times.live, {"codec": "copy"}, {"codec": "none"}),
    ],
    ids=["prores", "pcm", "vp8"],
)
def test_what_mp4_cannot_hold_is_not_copied_into_it(
    trial: Trial, library: Library, maker: Maker, video: dict[str, Any], audio: dict[str, Any]
) -> None:
    failure = trial.transcode(library.get(maker).path, audio=audio, **video).failure
    assert failure.reason == "InvalidOutput"


def described(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_format", "-show_streams", str(path)]
    answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return answer


@pytest.mark.parametrize("end_s", [1.1, None], ids=["a second", "to the end"])
@pytest.mark.parametrize("maker", rows(times.chapters_past_the_end, streams.timecode))
def test_a_render_has_no_chapter_title_or_timecode_of_a_source(
    trial: Trial, library: Library, maker: Maker, end_s: float | None
) -> None:
    found = described(trial.render((library.get(maker).path, 0.1, end_s)).path)
    assert found["chapters"] == []
    assert "title" not in found["format"].get("tags", {})
    assert [stream["codec_type"] for stream in found["streams"]] == ["video", "audio"]
    assert not any("timecode" in stream.get("tags", {}) for stream in found["streams"])


def test_a_transcode_keeps_chapters_within_the_film(trial: Trial, library: Library) -> None:
    found = described(trial.transcode(library.get(times.chapters_past_the_end).path).path)
    spans = [(float(each["start_time"]), float(each["end_time"]), each["tags"]["title"]) for each in found["chapters"]]
    assert [title for _, _, title in spans] == ["One", "Two", "Three"]
    assert spans[-1][0] == pytest.approx(2.5, abs=0.05)
    assert spans[-1][1] == pytest.approx(3.0, abs=0.05)
    assert float(found["format"]["duration"]) == pytest.approx(3.0, abs=0.05)
