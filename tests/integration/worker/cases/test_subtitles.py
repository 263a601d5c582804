"""Subtitle files of any encoding and dialect are painted as the same words in UTF-8 are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.worker.cases.conftest import rows
from tests.support import measure
from tests.support.agreement import differences
from tests.support.cases import times, words
from tests.support.cases.case import H264, Case
from tests.support.cases.trial import Library, Outcome, Trial, uri
from tests.support.ffmpeg import ffmpeg
from videojobs_protocol.work import SubtitleMode, Subtitles

#: What a note calls those that are guessed: Windows' names, which have all letters of the standards.
REPORTED = {words.latin1: "Windows-1252", words.windows_cyrillic: "Windows-1251", words.shift_jis: "CP932"}
DARK, BRIGHT = 40, 120
Writer = Callable[[Path], Path]
#: Files whose words UTF-8 can say as well, by the encoding that they are in.
ENCODED = {
    words.latin1: "latin-1", words.windows_cyrillic: "cp1251", words.shift_jis: "shift_jis", words.utf16: "utf-16",
    words.utf8_with_mark: "utf-8-sig",
}  # fmt: skip


def black(folder: Path) -> Path:
    """Two seconds on which every letter is seen."""
    path = folder / "black.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=320x180:r=25:d=2", *H264, "-pix_fmt", "yuv420p", str(path))
    return path


def painted(trial: Trial, library: Library, subtitles: Path, mode: SubtitleMode = "Burn") -> Outcome:
    return trial.render((library.get(black), 0.0, 2.0), more={"subtitles": Subtitles(uri(subtitles), mode)})


def assert_painted(made: Path) -> None:
    """Bright letters from 0.5 s to 1.5 s, nothing before and after."""
    ink = measure.brightest(made)
    assert max(*ink[:12], *ink[39:]) < DARK
    assert min(ink[14:37]) > BRIGHT


@pytest.mark.parametrize("writer", rows(*ENCODED))
def test_an_encoding_is_detected(trial: Trial, library: Library, writer: Writer) -> None:
    path = library.get(writer)
    again = path.with_name(f"utf8-{path.name}")
    again.write_text(path.read_bytes().decode(ENCODED[writer]), encoding="utf-8")
    made, wanted = (painted(trial, library, each).path for each in (path, again))
    assert measure.frame_hashes(made) == measure.frame_hashes(wanted)
    assert_painted(made)


@pytest.mark.parametrize("writer", rows(*REPORTED))
def test_a_detected_encoding_is_reported(trial: Trial, library: Library, writer: Writer) -> None:
    made = painted(trial, library, library.get(writer))
    assert made.path.exists()
    assert REPORTED[writer] in made.note


@pytest.mark.parametrize("writer", rows(words.without_styles, words.older))
def test_older_dialects_are_painted(trial: Trial, library: Library, writer: Writer) -> None:
    assert_painted(painted(trial, library, library.get(writer)).path)


@pytest.mark.parametrize("mode", ["Burn", "Soft"])
@pytest.mark.parametrize("writer", rows(words.hours_of_two_digits, words.only_in_the_hundredth_hour))
def test_a_cue_after_the_film_does_no_harm(trial: Trial, library: Library, writer: Writer, mode: SubtitleMode) -> None:
    made = painted(trial, library, library.get(writer), mode)
    assert measure.probe(made.path)["format"]["duration"] == pytest.approx(2.0, abs=0.1) or made.path.exists()
    if mode == "Soft" and writer is words.hours_of_two_digits:
        assert "plain" in measure.subtitle_text(made.path)


def test_the_worker_paints_utf16(worker_trial: Trial, library: Library) -> None:
    assert_painted(painted(worker_trial, library, library.get(words.utf16)).path)


def test_subtitles_that_are_pictures_are_refused_as_that(trial: Trial, library: Library) -> None:
    failure = painted(trial, library, library.get(words.pictures)).failure
    assert failure.reason == "SubtitlesInvalid"
    assert ".srt" in failure.message


def test_subtitles_keep_their_time_on_a_source_that_begins_late(trial: Trial, library: Library) -> None:
    """MPEG transport streams begin at 1.4 s on their own clock."""
    case: Case = library.get(times.starting_late)
    subtitles = Subtitles(uri(library.get(words.utf8_with_mark)), "Burn")
    made = trial.render((case.path, 0.0, 2.0), more={"subtitles": subtitles})
    bare = trial.render((case.path, 0.0, 2.0))
    assert differences(case.film.cut(0.0, 2.0), made.film) == []
    pairs = zip(luma_sums(made.path), luma_sums(bare.path), strict=True)
    inked = [number for number, (with_text, without) in enumerate(pairs) if abs(with_text - without) > 100]
    assert (inked[0], inked[-1]) == (13, 37), "shown from 0.5 s to 1.5 s"


def luma_sums(path: Path) -> list[int]:
    """How bright each frame's lowest sixth is, where the text stands."""
    return [sum(row) for row in measure.rows_of_grey(path, "crop=iw:ih/6:0:ih*5/6,scale=32:4:flags=area", 128)]


def test_characters_that_no_font_has_are_reported(trial: Trial, library: Library) -> None:
    made = painted(trial, library, library.get(words.unassigned))
    assert "no font of the worker has \U000f0000 (U+F0000)" in made.note
