"""A render is as loud as was asked, whatever its sound is mixed of and however it is made; measured in the output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import clips
from tests.support.ffmpeg import ffmpeg
from tests.support.measure import loudness_lufs, true_peak_db
from tests.support.pipeline import Pipeline, pipeline
from videojobs_protocol.progress import TaskStatus
from videojobs_protocol.work import AudioSettings, MediaOutput, Music, Render, Scene, Transition, VideoSettings
from videojobs_worker.media.render import loudness_runs

CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")
#: Every frame is encoded.
FULL = VideoSettings(crf=30)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """With quiet.mp4 and loud.mp4 (4 s each), bursts.mkv, silence.mp4, bed.wav (1 s) and film.mp4 (12 s)."""
    with pipeline() as found:
        _with_sound(found.folder / "quiet.mp4", "0.02*sin(2*PI*440*t)")
        _with_sound(found.folder / "loud.mp4", "0.4*sin(2*PI*660*t)")
        _with_sound(found.folder / "bursts.mkv", "if(lt(mod(t,0.4),0.05),0.9*(random(0)*2-1),0.02*sin(2*PI*300*t))")
        _with_sound(found.folder / "silence.mp4", "0")
        bed = "aevalsrc='0.1*sin(2*PI*1500*t)':s=48000:d=1:c=stereo"
        ffmpeg("-f", "lavfi", "-i", bed, str(found.folder / "bed.wav"))
        clips.frame_clock(found.folder / "film.mp4")
        yield found


def _with_sound(path: Path, samples: str) -> None:
    sound = f"aevalsrc='{samples}':s=48000:d=4:c=stereo"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4", "-f", "lavfi", "-i", sound, *CODED, str(path))


def scenes(running: Pipeline, *cuts: tuple[str, float, float]) -> tuple[Scene, ...]:
    return tuple(Scene((running.folder / name).as_uri(), start, end) for name, start, end in cuts)


def output(path: Path, target: float, video: VideoSettings = FULL) -> MediaOutput:
    return MediaOutput(path.as_uri(), video=video, audio=AudioSettings(loudness_lufs=target))


def rendered(running: Pipeline, work: Render) -> TaskStatus:
    status = running.attempt(work)
    assert status.status == "completed", status.failure
    return status


@pytest.mark.parametrize("target", [-16, -23])
@pytest.mark.parametrize("joint", [None, Transition("fade", 0.4)])
def test_scenes(running: Pipeline, tmp_path: Path, target: float, joint: Transition | None) -> None:
    cuts = scenes(running, ("quiet.mp4", 0, 3), ("loud.mp4", 0.5, 3.5), ("silence.mp4", 0, 1))
    made = running.folder / f"{tmp_path.name}.mp4"
    rendered(running, Render(cuts, output(made, target), joint))
    assert loudness_lufs(made) == pytest.approx(target, abs=0.5)


def test_the_scenes_keep_their_levels_to_each_other(running: Pipeline) -> None:
    made = running.folder / "levels.mkv"
    rendered(running, Render(scenes(running, ("quiet.mp4", 0, 4), ("loud.mp4", 0, 4)), output(made, -20)))
    halves = [running.folder / f"half-{number}.wav" for number in range(2)]
    for number, half in enumerate(halves):
        ffmpeg("-ss", str(4 * number + 0.2), "-t", "3.6", "-i", str(made), str(half))
    quiet, loud = map(loudness_lufs, halves)
    assert loud - quiet == pytest.approx(26, abs=0.7)  # 0.4 / 0.02; ears take 660 Hz for a little louder than 440


@pytest.mark.parametrize("loop", [True, False])
def test_music_counts(running: Pipeline, loop: bool) -> None:
    made = running.folder / f"music-{loop}.mp4"
    music = Music((running.folder / "bed.wav").as_uri(), ducking_db=-6.0, loop=loop)
    cuts = scenes(running, ("quiet.mp4", 0, 3), ("quiet.mp4", 1, 3))
    rendered(running, Render(cuts, output(made, -18), music=music))
    assert loudness_lufs(made) == pytest.approx(-18, abs=0.5)


@pytest.mark.parametrize(
    ("strategy", "cuts"), [("Copy", [(2, 6), (8, 12)]), ("Smart", [(0.52, 9.48), (0, 12), (0.52, 9.48)])]
)
def test_a_copied_picture_keeps_its_packets(running: Pipeline, strategy: str, cuts: list[tuple[float, float]]) -> None:
    made = running.folder / f"{strategy}.mp4"
    work = Render(scenes(running, *(("film.mp4", *cut) for cut in cuts)), output(made, -19, VideoSettings()))
    status = rendered(running, work)
    assert status.details["plan"]["strategy"] == strategy
    assert loudness_lufs(made) == pytest.approx(-19, abs=0.5)


@pytest.mark.parametrize("music", [True, False])
def test_a_long_timeline(running: Pipeline, monkeypatch: pytest.MonkeyPatch, music: bool) -> None:
    """In parts that are joined; measured in parts too where one run cannot have an input for each scene."""
    cuts = scenes(running, *((name, 0.2 * n, 0.2 * n + 0.4) for n in range(10) for name in ("quiet.mp4", "loud.mp4")))
    bed = Music((running.folder / "bed.wav").as_uri()) if music else None
    for most in (200, 7):
        monkeypatch.setattr(loudness_runs, "SCENES_WITH_SOUND", most)
        made = running.folder / f"long-{music}-{most}.mp4"
        rendered(running, Render(cuts, output(made, -21), music=bed))
        assert loudness_lufs(made) == pytest.approx(-21, abs=0.5)


def test_peaks_are_limited_and_that_is_reported(running: Pipeline) -> None:
    made = running.folder / "limited.mkv"
    audio = AudioSettings("flac", loudness_lufs=-14)
    work = Render(scenes(running, ("bursts.mkv", 0, 4)), MediaOutput(made.as_uri(), video=FULL, audio=audio))
    status = rendered(running, work)
    assert "limited to -1" in status.details["note"]
    assert loudness_lufs(made) == pytest.approx(-14, abs=0.5)
    assert true_peak_db(made) <= -0.8


def test_silence_stays_silence_and_that_is_reported(running: Pipeline) -> None:
    made = running.folder / "silent.mp4"
    status = rendered(running, Render(scenes(running, ("silence.mp4", 0, 1)), output(made, -16)))
    assert "the sound is silent" in status.details["note"]


def test_a_film_without_sound_has_no_loudness(running: Pipeline) -> None:
    clips.clip(running.folder / "mute.mp4", sound=False)
    status = rendered(
        running, Render(scenes(running, ("mute.mp4", 0, 1)), output(running.folder / "mute-out.mp4", -16))
    )
    assert status.details.get("note", "") == ""
