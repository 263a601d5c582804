"""Packets of real files whose headers cannot be believed: read whole, or only where they begin and end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import altered, clips
from tests.support.ffmpeg import ffmpeg
from videojobs_worker.errors import JobError, StoppedError
from videojobs_worker.probe import measurement
from videojobs_worker.probe.ffprobe import probe
from videojobs_worker.process.stopper import Stopper

URI = "file:///media/clip"
CARD = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=3")
TONE = ("-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return clips.clip(tmp_path / "clip.mp4", seconds=3, size="160x90")


def live(path: Path) -> Path:
    """As a browser records: no length, no index."""
    ffmpeg(*CARD, *TONE, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-live", "1",
           "-f", "webm", str(path))  # fmt: skip
    return path


def raw(path: Path) -> Path:
    ffmpeg(*CARD, *CODED, "-bf", "2", "-f", "h264", str(path))
    return path


def endless(path: Path) -> Path:
    """A fragmented mp4 whose header has all ones for a length, which means that nobody knows it."""
    ffmpeg(*CARD, *TONE, *CODED, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", str(path))
    data = bytearray(path.read_bytes())
    for box, at in ((b"mvhd", 20), (b"mdhd", 20)):
        found = data.find(box)
        while found >= 0:
            data[found + at : found + at + 4] = b"\xff" * 4
            found = data.find(box, found + 1)
    path.write_bytes(data)
    return path


def stale(path: Path) -> Path:
    """Matroska of three seconds whose tags claim nine."""
    ffmpeg(*CARD, *TONE, *CODED, "-c:a", "aac", str(path))
    path.write_bytes(path.read_bytes().replace(b"00:00:03.0", b"00:00:09.0"))
    return path


@pytest.mark.parametrize(
    ("make", "ending", "remarked"),
    [(live, "webm", False), (raw, "h264", False), (endless, "mp4", None), (stale, "mkv", True)],
)
def test_a_length_is_found_from_packets(make: object, ending: str, remarked: bool | None, tmp_path: Path) -> None:
    info = probe(str(make(tmp_path / f"clip.{ending}")), URI)  # type: ignore[operator]
    assert info.video is not None
    assert info.duration_s == pytest.approx(3, abs=0.05)
    assert info.video.times.duration_s == pytest.approx(3, abs=0.03)
    assert (info.video.times.packets, info.video.times.frame_rate, info.video.times.measured) == (75, 25, True)
    if remarked is not None:  # whether a length that nobody knows is one is up to ffmpeg's version
        assert bool(info.remark) == remarked
    assert (info.doubts, info.missing) == (frozenset(), "")


def test_an_ordinary_file_is_read_no_further(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videojobs_worker.probe.ffprobe.measure", None)
    info = probe(str(clip), URI)
    assert info.video is not None
    assert not info.video.times.measured


@pytest.mark.ffmpeg_matrix
@pytest.mark.parametrize("make", [stale, endless])
def test_of_a_large_file_beginning_and_end_are_read(
    make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "clip.mkv")  # type: ignore[operator]
    whole = probe(str(path), URI)
    monkeypatch.setattr(measurement, "SMALL_BYTES", 0)
    monkeypatch.setattr(measurement, "_HEAD_PACKETS", 20)
    parts = probe(str(path), URI)
    assert whole.video is not None
    assert parts.video is not None
    assert parts.duration_s == whole.duration_s
    assert parts.video.times.end_pts_s == whole.video.times.end_pts_s
    assert parts.remark == whole.remark
    found = measurement.measure(str(path), ["matroska"], 3.0, path.stat().st_size, Stopper())
    assert found is not None
    assert found.tail, "not all was read"


def test_what_is_cut_off_has_the_times_of_what_is_there(clip: Path, tmp_path: Path) -> None:
    cut = altered.cut_short(tmp_path / "cut.mp4", altered.faststart(tmp_path / "fast.mp4", clip), 0.6)
    info = probe(str(cut), URI)
    assert info.duration_s is not None
    assert 1 < info.duration_s < 2.5
    assert f"only {cut.stat().st_size} of its" in info.missing


def test_a_header_alone_is_empty(tmp_path: Path) -> None:
    whole = endless(tmp_path / "whole.mp4")
    data = whole.read_bytes()
    (tmp_path / "init.mp4").write_bytes(data[: data.index(b"moof") - 4])
    with pytest.raises(JobError, match="a header and nothing else") as error:
        probe(str(tmp_path / "init.mp4"), URI)
    assert error.value.reason == "SourceEmpty"


def test_what_is_encrypted_is_called_so(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "encrypted.mp4"
    ffmpeg("-i", str(clip), "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0f" * 16,
           "-encryption_kid", "1e" * 16, str(path))  # fmt: skip
    with pytest.raises(JobError, match="encrypted") as error:
        probe(str(path), URI)
    assert error.value.reason == "SourceEncrypted"


def test_it_can_be_stopped(clip: Path, tmp_path: Path) -> None:
    stopper = Stopper()
    stopper.stop(StoppedError("Cancelled", "cancelled on request"))
    path = shutil.copy(clip, tmp_path / "other.mp4")
    with pytest.raises(StoppedError):
        probe(str(path), URI, stopper)
