"""An output that is not what was asked for is never committed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.builders import audio, info, video
from videojobs_worker.errors import JobError
from videojobs_worker.media.plan import Expectation
from videojobs_worker.probe.verification import not_as_long, problems, tolerance_s, verify
from videojobs_worker.process.stopper import Stopper

EXPECTED = Expectation(Path("/staged"), 10.0, ("h264",), audio=True, width=1280, height=720)


def test_what_was_asked_for_has_no_problems() -> None:
    assert problems(EXPECTED, info()) == []


def test_what_was_not_asked_is_not_judged() -> None:
    assert problems(Expectation(Path("/staged")), info(None, video(codec="vp9"), None)) == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (info(picture=None), "no picture"),
        (info(picture=video(codec="vp9")), "codec is vp9, not h264"),
        (info(picture=video(width=640)), "size is 640x720, not 1280x720"),
        (info(sound=None), "no sound"),
        (info(9.0), "9.000 s long, not 10.000 s"),
        (info(11.0), "11.000 s long, not 10.000 s"),
        (info(None), "0.000 s long"),
    ],
)
def test_each_difference_is_told(made: Any, words: str) -> None:
    (told,) = problems(EXPECTED, made)
    assert words in told


def test_sound_that_was_not_wanted_is_told() -> None:
    assert problems(replace(EXPECTED, audio=False), info(sound=audio())) == ["it has sound"]


@pytest.mark.parametrize(("duration_s", "allowed_s"), [(1, 0.25), (10, 0.25), (60, 0.6), (200, 2.0), (7200, 2.0)])
def test_the_tolerance_is_never_a_visible_piece_of_a_film(duration_s: float, allowed_s: float) -> None:
    assert tolerance_s(duration_s) == pytest.approx(allowed_s)


@pytest.mark.parametrize(("seconds", "short"), [(9.76, None), (9.7, 10.0), (0.0, 10.0)])
def test_not_as_long(seconds: float, short: float | None) -> None:
    assert not_as_long(EXPECTED, info(seconds)) == short


@pytest.mark.parametrize(("seconds", "short"), [(9.7, 10.0), (30.0, None)])
def test_an_uneven_one_may_be_longer_than_headers_tell(seconds: float, short: float | None) -> None:
    assert not_as_long(replace(EXPECTED, uneven=True), info(seconds)) == short


@pytest.mark.parametrize(
    ("picture_s", "sound_s", "file_s", "judged"),
    [(10.0, 9.9, 30.0, []), (4.0, 10.0, 30.0, []), (9.0, 9.0, 10.0, ["it is 9.000 s long, not 10.000 s"])],
)
def test_subtitles_make_no_film_longer(picture_s: float, sound_s: float, file_s: float, judged: list[str]) -> None:
    made = info(file_s, video(duration_s=picture_s), audio(duration_s=sound_s))
    assert problems(EXPECTED, made) == judged


@pytest.mark.parametrize("content", [None, b"", b"no film"])
def test_what_is_not_there_or_no_media_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "staged"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JobError, match="file:///media/out") as error:
        verify([replace(EXPECTED, path=path)], ["file:///media/out.mp4"], Stopper())
    assert error.value.reason == "OutputInvalid"
