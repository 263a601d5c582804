"""Pictures of another shape than the output's, in front of themselves: enlarged, blurred, in the output's colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import clips
from tests.support.cases.case import H264
from tests.support.cases.trial import Trial, uri
from tests.support.ffmpeg import ffmpeg
from tests.support.film import BT601_525, BT709, Colour
from tests.support.measure import probe, rows_of_grey, shown_at_s
from videojobs_protocol.work import MediaOutput, Render, Scene, Transition, VideoSettings

pytestmark = pytest.mark.ffmpeg_matrix

#: Upright, of a picture that lies.
BLUR: dict[str, Any] = {"fit": "Blur", "width": 180, "height": 320, "codec": "h264", "crf": 10}
LIGHT, DARK = 180, 60


def halves(
    path: Path,
    size: str = "320x180",
    left: int = LIGHT,
    right: int = DARK,
    *,
    colour: Colour = BT709,
    late_s: float = 0,
) -> Path:
    """A light half and a dark one, with an edge between them."""
    drawn = f"format=gray,geq=lum='if(lt(X,W/2),{left},{right})',{colour.filters}"
    coded = ("-frames:v", "1") if path.suffix == ".png" else (*H264, "-crf", "5", *colour.tags)
    ffmpeg("-f", "lavfi", "-i", f"color=black:size={size}:rate=25:duration=1,{drawn}", *coded,
           "-output_ts_offset", str(late_s), str(path))  # fmt: skip
    return path


def row(path: Path, y: int, frame: int = 0) -> bytes:
    """The levels of grey along a line of an upright output."""
    return rows_of_grey(path, f"format=gray,crop=180:1:0:{y}", 180)[frame]


def assert_blurred(line: bytes, left: int = LIGHT, right: int = DARK) -> None:
    """Both halves are seen, and their edge is soft."""
    assert (line[4], line[175]) == (pytest.approx(left, abs=8), pytest.approx(right, abs=8))
    assert [line[at] for at in (84, 90, 95)] == pytest.approx(
        [(left * (1 - share) + right * share) for share in (0.2, 0.5, 0.8)], abs=0.2 * abs(left - right)
    )


def assert_whole(line: bytes, left: int = LIGHT, right: int = DARK) -> None:
    """Both halves are seen up to the sides, and their edge is sharp."""
    for half, level in ((line[2:86], left), (line[94:178], right)):
        assert [min(half), max(half)] == pytest.approx([level, level], abs=6)


def assert_in_front_of_itself(path: Path, frame: int = 0, left: int = LIGHT, right: int = DARK) -> None:
    """The picture is 180x100 in the middle: from line 110 to 210."""
    for y in (2, 100, 220, 317):
        assert_blurred(row(path, y, frame), left, right)
    for y in (116, 160, 204):
        assert_whole(row(path, y, frame), left, right)


@pytest.mark.parametrize("form", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_a_transcodes_bars_show_it_blurred(trial: Trial, form: str) -> None:
    source = halves(trial.folder / "halves.mp4")
    assert_in_front_of_itself(trial.transcode(source, **BLUR, pixel_format=form).path)


@pytest.mark.parametrize(("fps", "frames"), [(5, 5), (25, 25), (50, 50)])
def test_a_transcode_of_another_frame_rate_has_them_to_its_last_frame(trial: Trial, fps: float, frames: int) -> None:
    made = trial.transcode(halves(trial.folder / "halves.mp4"), **BLUR, fps=fps).path
    assert len(rows_of_grey(made, "crop=2:2", 4)) == frames
    assert_in_front_of_itself(made, frames - 1)


def test_uneven_frames_keep_their_times(trial: Trial) -> None:
    source = clips.variable_rate(trial.folder / "vfr.mp4")
    made = trial.transcode(source, **BLUR).path
    assert shown_at_s(made) == pytest.approx(shown_at_s(source), abs=0.002)
    assert float(probe(made)["video"]["duration"]) == pytest.approx(float(probe(source)["video"]["duration"]), abs=0.05)


def test_a_photograph_is_shown_for_its_duration(trial: Trial) -> None:
    photo = Scene(uri(halves(trial.folder / "photo.png")), duration_s=0.4)
    film = Scene(uri(halves(trial.folder / "film.mp4")), 0, 1, speed=2.0)
    made = trial.folder / "out.mp4"
    status = trial.attempt(Render((photo, film), MediaOutput(uri(made), video=VideoSettings(**BLUR, fps=25))))
    assert status.status == "completed", status.failure
    assert len(rows_of_grey(made, "crop=2:2", 4)) == 10 + 12
    for frame in (0, 9, 10, 21):
        assert_in_front_of_itself(made, frame)


@pytest.mark.parametrize("colour", [BT709, BT601_525], ids=["HD", "SD"])
def test_a_shape_that_changes_midway_stays_in_its_place(trial: Trial, colour: Colour) -> None:
    """An upright picture in the middle of where one lay, 180x100."""
    path, later = trial.folder / "lying.ts", trial.folder / "upright.ts"
    halves(path, colour=colour)
    path.write_bytes(path.read_bytes() + halves(later, "180x320", colour=colour, late_s=1).read_bytes())
    for made in (trial.transcode(path, **BLUR).path, trial.render((path, 0, 2), **BLUR, fps=25).path):
        assert_in_front_of_itself(made, 20)
        assert_blurred(row(made, 50, 40))
        line = row(made, 160, 40)
        assert [line[at] for at in (20, 75, 105, 160)] == pytest.approx([0, LIGHT, DARK, 0], abs=8)


@pytest.mark.parametrize("more", [{}, {"transition": Transition("fade", 0.2)}], ids=["cut", "blend"])
def test_each_scene_of_a_render_has_its_own(trial: Trial, more: dict[str, Any]) -> None:
    one = halves(trial.folder / "one.mp4")
    other = halves(trial.folder / "other.mp4", "640x360", DARK, LIGHT)
    made = trial.render((one, 0, 1), (other, 0, 1), more=more, **BLUR).path
    assert_in_front_of_itself(made)
    assert_in_front_of_itself(made, 44, DARK, LIGHT)


def test_what_has_the_outputs_shape_has_none(trial: Trial) -> None:
    made = trial.transcode(halves(trial.folder / "upright.mp4", "360x640"), **BLUR).path
    for y in (2, 160, 317):
        assert_whole(row(made, y))


def test_hdr_bars_become_sdr_as_the_picture_does(trial: Trial) -> None:
    made = trial.transcode(clips.hdr(trial.folder / "hdr.mp4", "smpte2084"), **BLUR).path
    middle = row(made, 160)[90]
    assert [row(made, y)[90] for y in (10, 310)] == pytest.approx([middle, middle], abs=3)
